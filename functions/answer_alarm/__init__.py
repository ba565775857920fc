"""Renews the certificate."""
