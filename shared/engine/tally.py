"""What jobs count: of one page while they are at it, and of a whole run's segments in the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.model.runs import Counts, Finding, Segment
from shared.model.writes import Side


@dataclass(slots=True)
class Tally:
    """What one page has shown so far."""

    counts: Counts = field(default_factory=Counts)
    findings: list[Finding] = field(default_factory=list)


def read_by_side(segments: Sequence[Segment]) -> dict[str, int]:
    """Return how many records were read of each table that was gone through."""
    found: dict[str, float] = {}
    for segment in segments:
        if segment.scan in tuple(Side):
            found[segment.scan] = found.get(segment.scan, 0.0) + segment.work
    return {side: round(read) for side, read in found.items()}


def entries_by_index(segments: Sequence[Segment]) -> dict[str, dict[str, int]]:
    """Return, per index of v2, how many entries its items call for and how many it has."""
    found: dict[str, dict[str, int]] = {}
    for segment in segments:
        role = "expected" if segment.scan == Side.TARGET else "found"
        for name, amount in segment.expected.items():
            entry = found.setdefault(name, {"expected": 0, "found": 0})
            entry[role] += amount
    return found
