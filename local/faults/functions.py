"""Faults of Lambda: an event that comes twice, an answer that is lost as at a timeout."""

from __future__ import annotations

from collections.abc import Callable

from local.faults.chaos import Chaos
from local.lambdas.runtime_api import Outcome
from local.lambdas.worker import failure


def perform(chaos: Chaos, name: str, invoke: Callable[[], Outcome]) -> Outcome:
    """Call a function, with the faults that were asked for."""
    if not chaos.wish.concerns_function(name):
        return invoke()
    if chaos.happens("twice"):
        invoke()
    outcome = invoke()
    if chaos.happens("time_out"):
        return failure("Sandbox.Timedout", "Error: Task timed out: this fault was asked for")
    return outcome
