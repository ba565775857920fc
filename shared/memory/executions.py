"""Workflows that a test starts and ends itself (the port `Executions`)."""

from collections.abc import Mapping
from typing import Any

from shared.model.runs import RunKind


class MemoryExecutions:
    """Which executions are under way, were started, and were let go on."""

    def __init__(self) -> None:
        self.under_way: set[str] = set()
        self.woken: list[tuple[str, str]] = []
        self.started: dict[str, tuple[RunKind, dict[str, Any]]] = {}

    def running(self, execution: str) -> bool:
        """Tell whether an execution is still under way."""
        return execution in self.under_way

    def start(self, kind: RunKind, given: Mapping[str, Any], name: str) -> None:
        """Remember what was started by a name; the first one counts."""
        self.started.setdefault(name, (kind, dict(given)))

    def wake(self, waiter: str, gate: str) -> None:
        """Remember that a waiting workflow was let go on."""
        self.woken.append((waiter, gate))
