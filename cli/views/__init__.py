"""What people see, as Rich renderables made from the engine's values; nothing here asks a store."""
