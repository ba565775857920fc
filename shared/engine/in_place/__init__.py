"""Migrations within one table: records of both shapes side by side, until all are in the new."""
