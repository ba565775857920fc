"""A small migration in place, for tests of what is deployed."""
