"""What the AWS adapters do without AWS: conversions, translation of errors, attempts."""
