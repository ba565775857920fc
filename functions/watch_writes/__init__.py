"""Watches for writes that go around the wrapper."""
