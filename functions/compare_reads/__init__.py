"""Compares sampled reads in both tables."""
