"""Workflows that a test starts and ends itself (the port `Executions`)."""


class MemoryExecutions:
    """Which executions are under way, and which waiting ones were let go on."""

    def __init__(self) -> None:
        self.under_way: set[str] = set()
        self.woken: list[tuple[str, str]] = []

    def running(self, execution: str) -> bool:
        """Tell whether an execution is still under way."""
        return execution in self.under_way

    def wake(self, waiter: str, gate: str) -> None:
        """Remember that a waiting workflow was let go on."""
        self.woken.append((waiter, gate))
