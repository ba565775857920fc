"""Lets faults happen wherever they can in one server."""

from __future__ import annotations

from functools import partial

from local.faults.chaos import Chaos
from local.faults.database import Database
from local.faults.functions import perform
from local.faults.streams import deliveries
from local.lambdas.invoke import Functions
from local.streams import poller


def install(functions: Functions) -> Chaos:
    """Stand beside tables, streams and functions; the services' front is wrapped by the server."""
    chaos = Chaos()
    Database(chaos).install()
    functions.perform = partial(perform, chaos)
    poller.guards.append(partial(deliveries, chaos))
    return chaos
