"""The engine in place: upgrade, restore, validation and records over the memory ports."""
