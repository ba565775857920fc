"""The HTTP API of a migration's records, in v2's shape in every phase."""
