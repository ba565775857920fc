"""Rehearses one segment."""
