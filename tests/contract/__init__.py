"""One suite for the engine's ports, over every engine that implements them."""
