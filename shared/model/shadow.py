"""What comparing sampled reads in both tables came to."""

from dataclasses import dataclass, replace
from enum import StrEnum

from shared.model.phases import Phase


class ShadowResult(StrEnum):
    """How v2's answer compares with v1's.

    RACED differed in two plain reads and not at one moment; LAGGING is a replica that is behind
    where that is allowed; REAL differs at one moment where it must not.
    """

    EQUAL = "equal"
    RACED = "raced"
    LAGGING = "lagging"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class ShadowTally:
    """What was counted in one step of a migration, which its epoch names; times as epoch seconds.

    `differing` are the keys of real differences that are on record, at most `MOST_NAMED`.
    """

    migration: str
    epoch: int
    phase: Phase
    percent: int
    since: float
    last: float
    equal: int = 0
    raced: int = 0
    lagging: int = 0
    real: int = 0
    differing: frozenset[str] = frozenset()

    @property
    def compared(self) -> int:
        """Return how many reads were compared."""
        return self.equal + self.raced + self.lagging + self.real

    def plus(self, other: "ShadowTally") -> "ShadowTally":
        """Return both counts of one step as one."""
        return replace(
            self,
            since=min(self.since, other.since),
            last=max(self.last, other.last),
            equal=self.equal + other.equal,
            raced=self.raced + other.raced,
            lagging=self.lagging + other.lagging,
            real=self.real + other.real,
            differing=self.differing | other.differing,
        )


MOST_NAMED = 100
"""Real differences that are put on record in one step; all are counted."""
