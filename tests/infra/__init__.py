"""The templates as they are synthesised, read back and questioned."""
