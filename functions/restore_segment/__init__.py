"""Restores one segment."""
