"""The simulation proves the engine; these tests run a short version of it, and prove its judge."""
