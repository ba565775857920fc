"""Closes a journey."""
