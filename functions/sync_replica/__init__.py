"""Makes replicas follow that could not at once."""
