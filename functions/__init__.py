"""The deployed handlers, one folder each: parse the event, call the engine once, return."""
