"""Checks the tables."""
