"""Ports that somebody stands beside: to count calls, to fail them, to do something meanwhile."""

from collections.abc import Callable
from typing import Any

from shared.model.errors import OutcomeUnknown

Beside = Callable[[str], None]


class Watched:
    """A port whose every call is announced by its name, before it and after it took effect."""

    def __init__(self, port: Any, before: Beside | None = None, after: Beside | None = None):
        self._port = port
        self._before = before
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **named: Any) -> Any:
            if self._before:
                self._before(name)
            answer = method(*args, **named)
            if self._after:
                self._after(name)
            return answer

        return call


class Killed(BaseException):
    """The process was killed: nothing in the engine may catch this."""


class Count:
    """Counts calls, and kills the process in the call of a number (1 is the first)."""

    def __init__(self, kill_at: int | None = None) -> None:
        self.calls = 0
        self._kill_at = kill_at

    def __call__(self, name: str) -> None:
        self.calls += 1
        if self.calls == self._kill_at:
            raise Killed(name)


WRITES = frozenset({"write", "write_together"})


class Lose:
    """Loses the answers of the next writes: `times` of them, then all goes well."""

    def __init__(self, times: int = 1, names: frozenset[str] = WRITES) -> None:
        self.left = times
        self._names = names

    def __call__(self, name: str) -> None:
        if name in self._names and self.left:
            self.left -= 1
            raise OutcomeUnknown(f"the answer of {name} was lost")


class Meanwhile:
    """Lets somebody act at a port's calls, but never inside their own calls."""

    def __init__(self, act: Callable[[], None], every: int = 1) -> None:
        self._act = act
        self._every = every
        self._calls = 0
        self._inside = False

    def __call__(self, name: str) -> None:
        self._calls += 1
        if self._inside or self._calls % self._every:
            return
        self._inside = True
        try:
            self._act()
        finally:
            self._inside = False


def forbidden(name: str) -> None:
    """Refuse a write, as the role of a dry run is refused it."""
    if name in WRITES | {"insert_absent"}:
        raise AssertionError(f"{name} was called")
