"""Tests of the engine over worlds in RAM: time stands still unless a test moves it."""
