"""Runs of a migration's jobs: what was asked, how far each segment is, and what was counted."""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from shared.model.item import Item
from shared.model.phases import Phase


class RunKind(StrEnum):
    """The jobs; `migrate` and `rollback` are journeys that are made of the others."""

    DRY_RUN = "dry_run"
    BACKFILL = "backfill"
    VALIDATE = "validate"
    RESTORE = "restore"
    MIGRATE = "migrate"
    ROLLBACK = "rollback"


class RunStatus(StrEnum):
    """How a run is or ended; HELD waits for a person, SUPERSEDED met a move by somebody else."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    HELD = "HELD"
    SUPERSEDED = "SUPERSEDED"
    ABORTED = "ABORTED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, in source items; for a backfill `scanned` is the sum of its outcomes."""

    scanned: int = 0
    written: int = 0
    already_present: int = 0
    skipped: int = 0
    ambiguous: int = 0
    failed: int = 0
    excluded: int = 0
    mismatched: int = 0
    repaired: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            **{
                each.name: getattr(self, each.name) + getattr(other, each.name)
                for each in fields(Counts)
            }
        )

    def plus(self, **amounts: int) -> "Counts":
        """Return these counts with amounts added to the named ones."""
        return self + Counts(**amounts)


def instant(seconds: float) -> str:
    """Return epoch seconds as ISO 8601 text in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True)
class Run:
    """One run and its state; `params` is the input as accepted, times are epoch seconds.

    `attempt` grows with every resume; workers of an older attempt can no longer checkpoint.
    `max_wcu` is the rate that was asked for since the start (None: the one in `params`), and
    `taken_back` counts the pauses that were taken back in this attempt.
    """

    run_id: str
    kind: RunKind
    migration: str
    status: RunStatus
    phase: Phase
    epoch: int
    voids: int
    started_at: float
    actor: str
    attempt: int = 1
    execution: str | None = None
    pause: bool = False
    taken_back: int = 0
    max_wcu: float | None = None
    total_segments: int = 0
    finished_at: float | None = None
    report: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    counts: Counts = Counts()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Tell whether the run still holds its lock."""
        return self.status is RunStatus.RUNNING

    @property
    def rate(self) -> float | None:
        """Return the write units a second that the run is held to; None for as many as it can."""
        limit = self.params.get("max_wcu") if self.max_wcu is None else self.max_wcu
        return float(limit) if limit else None

    def with_facts(self, **facts: Any) -> "Run":
        """Return the run with facts added to what it knows."""
        return replace(self, facts={**self.facts, **facts})

    def summary(self) -> dict[str, Any]:
        """Return the run as its state machine's output and the CLI show it."""
        counted = {each.name: getattr(self.counts, each.name) for each in fields(Counts)}
        return {
            "run_id": self.run_id,
            "migration": self.migration,
            "status": self.status.value,
            "phase": self.phase.value,
            **counted,
            "started_at": instant(self.started_at),
            "finished_at": None if self.finished_at is None else instant(self.finished_at),
            "report": self.report,
        }


MARKS = 12
"""How many of its last checkpoints a segment remembers: enough for a rate, still below 1 KB."""


@dataclass(frozen=True, slots=True)
class Mark:
    """When a checkpoint was made, and the work that the segment had done by then."""

    at: float
    work: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a run's work and its checkpoint: a scan segment of a table or an index.

    `cursor` is where the next page begins (None: at the start), `done` whether all was seen.
    `work` is what was read, in records, and `marks` are the last checkpoints, the oldest first.
    """

    run_id: str
    name: str
    scan: str
    number: int
    total: int
    attempt: int = 1
    cursor: Item | None = None
    done: bool = False
    stopped: str | None = None
    counts: Counts = Counts()
    found: int = 0
    expected: dict[str, int] = field(default_factory=dict)
    work: float = 0.0
    marks: tuple[Mark, ...] = ()

    def marked(self, at: float, work: float) -> "Segment":
        """Return the segment after a page of so much work that ended at this time."""
        done = self.work + work
        return replace(self, work=done, marks=(*self.marks, Mark(at, done))[-MARKS:])


class FindingKind(StrEnum):
    """What is the matter with one record."""

    SKIPPED = "skipped"
    AMBIGUOUS = "ambiguous"
    REJECTED = "rejected"
    TOO_LARGE = "too_large"
    COLLIDES = "collides"
    REFUSED = "refused"
    MISSING = "missing"
    STALE = "stale"
    DIFFERENT = "different"
    ORPHAN = "orphan"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    INVARIANT = "invariant"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs: its value in the authority's form and in the replica."""

    field: str
    source: Any
    target: Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One record that a person may have to look at, with the reason and the record itself."""

    run_id: str
    key: str
    kind: FindingKind
    reason: str
    field: str | None = None
    differences: tuple[Difference, ...] = ()
    record: Item | None = None
    repaired: bool = False
