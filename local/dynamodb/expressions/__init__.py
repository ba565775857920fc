"""DynamoDB's expression language: conditions, filters, key conditions, updates and projections.

Written anew because moto's parser takes a millisecond or more per expression, does not know nested
list indexes beyond nine, and compares unlike types by Python's rules.
"""
