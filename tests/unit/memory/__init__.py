"""What the memory adapters add for tests."""
