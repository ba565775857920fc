"""Compares one segment."""
