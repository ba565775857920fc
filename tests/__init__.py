"""The tests, in folders by what they need; a package, so that `tests/local` never hides `local`."""
