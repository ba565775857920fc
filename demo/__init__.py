"""The demo: a live table moves to v2 and back under traffic, and every write is accounted for."""
