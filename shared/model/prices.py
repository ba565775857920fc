"""What DynamoDB asks for capacity, on demand in us-east-1 ("Amazon DynamoDB pricing")."""

DOLLARS_PER_WRITE_UNIT = 0.625e-6
DOLLARS_PER_READ_UNIT = 0.125e-6
