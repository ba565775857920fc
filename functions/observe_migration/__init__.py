"""Tells the state of a migration that no request shows."""
