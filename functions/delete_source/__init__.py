"""Deletes v1."""
