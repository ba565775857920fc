"""The logic of a migration over ports, in a record's order: scan, transform, write, verify."""
