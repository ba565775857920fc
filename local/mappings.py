"""Event source mappings: one poller for each that there is, started and ended with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from moto.awslambda.utils import get_backend

from local.clients import Clients
from local.lambdas.invoke import Functions
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


class Pollers:
    """Keeps one poller for each mapping."""

    def __init__(self, functions: Functions, clients: Clients) -> None:
        self._functions = functions
        self._clients = clients
        self._pollers: dict[str, Poller] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="mappings")

    def start(self) -> None:
        """Begin to look for mappings; the server must answer by now."""
        self._thread.start()

    def close(self) -> None:
        """End all polling; a function that runs is not waited for."""
        self._stop.set()
        self._thread.join()
        for poller in self._pollers.values():
            poller.stop()

    def _run(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            listed = list(get_backend(ACCOUNT, REGION).list_event_source_mappings("", ""))
            mappings = {one.uuid: one for one in listed if _service(one) in _KINDS}
            for gone in self._pollers.keys() - mappings.keys():
                self._pollers.pop(gone).stop()
            for new in mappings.keys() - self._pollers.keys():
                make = _KINDS[_service(mappings[new])]
                self._pollers[new] = make(mappings[new], self._functions, self._clients)


def _service(mapping: Any) -> str:
    return str(mapping.event_source_arn.split(":")[2])
