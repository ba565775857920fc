"""The verbs: each checks its input, calls the engine or starts a workflow, and prints."""
