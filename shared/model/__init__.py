"""What the engine talks about: items, keys, phases, declarations, runs. Pure, with no I/O."""
