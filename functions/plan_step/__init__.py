"""Plans the next step."""
