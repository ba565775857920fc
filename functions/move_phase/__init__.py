"""Moves a migration to its next phase."""
