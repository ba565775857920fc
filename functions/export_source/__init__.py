"""Exports v1."""
