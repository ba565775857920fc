"""Copies one segment."""
