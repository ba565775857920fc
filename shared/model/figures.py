"""What callers saw of a migration over some time, and how it compares with before; pure."""

from dataclasses import asdict, dataclass
from typing import Any

from shared.model.runs import instant


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took, in milliseconds: half of all, and nineteen of twenty, took less."""

    p50: float
    p95: float
    samples: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Requests, errors (5xx) and latencies between two times (epoch seconds).

    What nobody did has no latency (None), and no rate.
    """

    since: float
    until: float
    requests: int = 0
    errors: int = 0
    reads_v1: Latency | None = None
    reads_v2: Latency | None = None
    writes: Latency | None = None

    @property
    def error_rate(self) -> float | None:
        """Return the errors in per cent of the requests."""
        return 100 * self.errors / self.requests if self.requests else None

    @property
    def reads(self) -> Latency | None:
        """Return the latency of v2's reads or, while nobody reads v2, of v1's."""
        return self.reads_v2 or self.reads_v1


@dataclass(frozen=True, slots=True)
class Comparison:
    """How figures compare with those before the migration; None where one of them has no data.

    Latencies are compared by p95, in per cent: 10 is a tenth slower, -10 a tenth faster.
    `errors` is in percentage points. `v2_to_v1` compares both tables over the same time.
    """

    reads: float | None
    writes: float | None
    errors: float | None
    v2_to_v1: float | None


def compared(now: Figures, before: Figures | None) -> Comparison:
    """Return how figures compare with those before the migration (None: there are none)."""
    base = before or Figures(0.0, 0.0)
    return Comparison(
        reads=_slower(now.reads, base.reads),
        writes=_slower(now.writes, base.writes),
        errors=_more(now.error_rate, base.error_rate),
        v2_to_v1=_slower(now.reads_v2, now.reads_v1),
    )


def figures_document(now: Figures, before: Figures | None) -> dict[str, Any]:
    """Return figures and their comparison, ready for JSON."""
    return {
        **asdict(now),
        "since": instant(now.since),
        "until": instant(now.until),
        "error_rate": now.error_rate,
        "compared": asdict(compared(now, before)),
    }


def _slower(now: Latency | None, before: Latency | None) -> float | None:
    if now is None or before is None or before.p95 <= 0:
        return None
    return 100 * (now.p95 / before.p95 - 1)


def _more(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before
