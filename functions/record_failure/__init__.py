"""Records how a workflow failed."""
