"""Faults of DynamoDB at the wire, on demand: off until somebody asks for them.

`wish`   what was asked for: which tables, which share of requests, which fault
`chaos`  makes it happen, before an operation or after its effect, and counts
`page`   where it is asked for: `/_cutover/faults`
"""
