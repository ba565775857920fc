"""The engine's ports in RAM: for unit tests and for a deterministic simulation.

They keep DynamoDB's promises (conditions, all-or-nothing transactions, tokens, refusals,
sparse indexes) and add nothing of their own: no real clock, no randomness, no threads.
`world.memory_world` puts them together.
"""
