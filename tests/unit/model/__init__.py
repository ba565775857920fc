"""The pure model, mostly by properties."""
