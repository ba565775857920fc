"""Event source mappings: one poller for each that there is, started and ended with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from moto.awslambda.utils import get_backend

from local.clients import Clients
from local.lambdas.invoke import Functions
from local.looking import Looking
from local.places import ACCOUNT, REGION
from local.queues.poller import QueuePoller
from local.streams.poller import StreamPoller

_LOOK_SECONDS = 0.2


class Poller(Protocol):
    """Reads one mapping's source in a thread of its own, which it starts when it is made."""

    def stop(self) -> None:
        """Let the thread end at its next step."""


_KINDS: dict[str, Callable[[Any, Functions, Clients], Poller]] = {
    "dynamodb": StreamPoller,
    "sqs": QueuePoller,
}


class Pollers(Looking):
    """Keeps one poller for each mapping."""

    def __init__(self, functions: Functions, clients: Clients) -> None:
        self._functions = functions
        self._clients = clients
        self._pollers: dict[str, Poller] = {}
        super().__init__(self._keep, every=_LOOK_SECONDS, at="event source mappings")

    def close(self) -> None:
        """End all polling; a function that runs is not waited for."""
        super().close()
        for poller in self._pollers.values():
            poller.stop()

    def _keep(self) -> None:
        listed = list(get_backend(ACCOUNT, REGION).list_event_source_mappings("", ""))
        mappings = {one.uuid: one for one in listed if _service(one) in _KINDS}
        for gone in self._pollers.keys() - mappings.keys():
            self._pollers.pop(gone).stop()
        for new in mappings.keys() - self._pollers.keys():
            make = _KINDS[_service(mappings[new])]
            self._pollers[new] = make(mappings[new], self._functions, self._clients)


def _service(mapping: Any) -> str:
    return str(mapping.event_source_arn.split(":")[2])
