"""Event source mappings: one poller for each that there is, started and ended with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from moto.awslambda.utils import get_backend

from local.clients import Clients
from local.lambdas.invoke import Functions
from local.places import ACCOUNT, REGION

_LOOK_SECONDS = 0.2


class Poller(Protocol):
    """Reads one mapping's source in a thread of its own, which it starts when it is made."""

    def stop(self) -> None:
        """Let the thread end at its next step."""


MakePoller = Callable[[Any, Functions, Clients], Poller]


class Pollers:
    """Keeps one poller for each mapping; `kinds` has the maker for each service of a source."""

    def __init__(self, functions: Functions, port: int, kinds: Mapping[str, MakePoller]) -> None:
        self._functions = functions
        self._clients = Clients(port)
        self._kinds = kinds
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
            mappings = {one.uuid: one for one in listed if _service(one) in self._kinds}
            for gone in self._pollers.keys() - mappings.keys():
                self._pollers.pop(gone).stop()
            for new in mappings.keys() - self._pollers.keys():
                make = self._kinds[_service(mappings[new])]
                self._pollers[new] = make(mappings[new], self._functions, self._clients)


def _service(mapping: Any) -> str:
    return str(mapping.event_source_arn.split(":")[2])
