"""Crashes at every step: each kind of run dies once at each of its port calls, and is resumed.

The end is held against that of the run that did not crash: both tables, the phase, the
certificate, and what was counted over all attempts of the run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class Crashes:
    """What came of crashing one kind of run at each of its calls."""

    kind: str
    calls: int = 0
    crashes: int = 0
    failures: list[str] = field(default_factory=list)


def crash_everywhere() -> Iterator[Crashes]:
    """Yield the result of each kind of run."""
    raise NotImplementedError
