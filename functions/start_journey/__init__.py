"""Opens a journey."""
