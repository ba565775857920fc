"""The words in which scenarios are written: steps of an operator, families, small scopes."""

from dataclasses import dataclass

from prove.stage import Opening
from shared.model.phases import Phase

Step = tuple[str, Phase | None]

P = Phase


def to(*phases: Phase) -> tuple[Step, ...]:
    """Return moves to one phase after the other."""
    return tuple(("reach", phase) for phase in phases)


BACKFILL: Step = ("backfill", None)
VALIDATE: Step = ("validate", None)
REPAIR: Step = ("repair", None)
SETTLE: Step = ("settle", None)
SLEEP: Step = ("sleep", None)
REOPEN: Step = ("reopen", None)
GROW_OLD: Step = ("grow old", None)
"""Time passes until a certificate of now is too old."""
CERTIFY = to(P.DUAL_WRITE, P.VALIDATE, P.SHADOW_READ)

CALLS = ("rename", "delete", "create", "get")
NOTING = (*CALLS, "note")


@dataclass(frozen=True, slots=True)
class Family:
    """Scenarios of one kind: where they begin and what the operator, and a rival of his, do."""

    openings: tuple[Opening, ...]
    paths: tuple[tuple[Step, ...], ...]
    rivals: tuple[tuple[Step, ...], ...] = ((),)
    changed: bool = False
    """Whether the code with another transform is what runs."""
    outside: tuple[str, ...] = ()
    """How somebody may write past the wrapper without that callers could tell."""
    first: bool = False
    """Whether the migration is availability-first."""
    in_place: bool = False
    """Whether the migration is within one table."""
    shares: tuple[int, int] = (100, 50)
    """The shares, one of which a run goes to where a phase has one."""


def openings(phase: Phase, variants: tuple[str, ...], *later: str) -> tuple[Opening, ...]:
    """Return the stages of a phase, each after these acts in it."""
    return tuple((phase, variant, act) for act in (later or ("",)) for variant in variants)


Path = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """The stages, what the operator does, and what callers ask."""

    openings: tuple[Opening, ...]
    paths: tuple[Path, ...]
    calls: tuple[str, ...] = CALLS
    first: bool = False
    """Whether the migration is availability-first; then two messages are handled meanwhile."""
    in_place: bool = False
    percent: int = 100
    """The share, where a phase has one."""
    dead: tuple[float, ...] = (0.0,)
    """For how long the replica is dead, in turn."""


def found(phase: P, *variants: str) -> tuple[Opening, ...]:
    """Return the stages of a phase in which nothing was done yet."""
    return tuple((phase, variant, "") for variant in variants)
