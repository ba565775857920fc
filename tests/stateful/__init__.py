"""Stateful tests: rules in any order, and what must hold after each."""
