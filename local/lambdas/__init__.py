"""Deployed functions, run as AWS runs them: in processes of their own, from the deployed code.

`deployment` says what one function version is; `archive` lays out its code; `runtime_api` speaks
AWS's Runtime API; `worker` is one process; `pool` bounds and reuses them; `invoke` is the door moto
is routed through; `child` is the program a worker process runs.
"""
