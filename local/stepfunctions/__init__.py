"""What moto's Step Functions lacks to run deployed workflows as AWS does.

`engine` has state machines execute, and quickly; `stopping` ends an execution at once; `callbacks`
answers task tokens once; `waiting` waits for the instant asked for; `maps` counts a distributed
Map's failed children; `nesting` starts executions from executions.
"""

from __future__ import annotations

from local.stepfunctions import callbacks, engine, maps, nesting, stopping, waiting


def install() -> None:
    """Close every gap; must run before the server takes requests."""
    for module in (engine, stopping, callbacks, waiting, maps, nesting):
        module.install()
