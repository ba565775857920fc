"""Opens a run."""
