"""The engine's ports on AWS, one module per adapter, named by its technology.

The only place where boto3 and botocore are imported. Items travel as DynamoDB JSON through
`shared.model.item`, so that numbers stay exact; error codes are translated in `errors`.
boto3's clients are made at run time from its service models and have no static type without
stubs that do not ship, which is why they are `Any` here and nowhere else.
"""
