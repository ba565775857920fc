"""How far a run is, how fast it goes and when it will end: pure, from its segments' checkpoints.

The rate is that of the time which all remembered checkpoints cover. It is cut into slices: how
much these differ says how sure the end is. A worker that stands still lowers the last slices.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import stdev

from shared.model.runs import MARKS, Counts, Run, RunKind, Segment

INDEX_ENTRY = 0.1
"""The work of an entry of an index: a page of 1,000 keys takes as long as 100 records of both."""

LEAST = 8
"""Checkpoints below which a rate would be chance."""
SLICES = 5
TWO_SIGMA = 2.0
"""Standard errors to either side: about nineteen of twenty runs end within them."""
STEP = 0.05
"""A spread is told in steps of five per cent, rounded up: more digits would be a pretence."""


@dataclass(frozen=True, slots=True)
class Expected:
    """How many records there are (None: nobody knows), and who says so."""

    total: int | None
    origin: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """The work done per second, and the seconds left, which may be off by the share `spread`.

    `seconds` is None while it cannot be told; then `why` says why not. `checkpoints` is how
    many were counted.
    """

    rate: float | None
    seconds: float | None
    spread: float | None
    checkpoints: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What was counted, of how many records (None: unknown) by whose count, what is to come."""

    counts: Counts
    total: int | None
    origin: str
    percent: int | None
    segments: int
    segments_done: int
    forecast: Forecast


def progress_of(
    run: Run,
    segments: Sequence[Segment],
    expected: Expected,
    indexes: int,
    now: float,
    tables: int = 2,
) -> Progress:
    """Return how far a run of a job is; `indexes` is how many v2 has, `tables` what is read."""
    counts = sum((each.counts for each in segments), Counts())
    each_record = _work_of_a_record(run, indexes, tables)
    done = counts.scanned if each_record == 1.0 else sum(each.work for each in segments)
    whole = None if expected.total is None else expected.total * each_record
    begin_at = float(run.facts.get("begin_at") or run.started_at)
    return Progress(
        counts=counts,
        total=expected.total,
        origin=expected.origin,
        percent=min(100, int(done * 100 / whole)) if whole else None,
        segments=len(segments),
        segments_done=sum(each.done for each in segments),
        forecast=forecast(segments, begin_at, now, None if whole is None else whole - done),
    )


def forecast(
    segments: Iterable[Segment], began_at: float, now: float, left: float | None
) -> Forecast:
    """Return the rate since `began_at`, and when the work that is left will be done."""
    segments = list(segments)
    start = max([began_at, *(each.marks[0].at for each in segments if _forgot(each))])
    found = [page for each in segments for page in _pages(each, began_at) if page.ended > start]
    now = max([now, *(page.ended for page in found)])  # the workers' clocks are not this one
    rate = sum(page.within(start, now) for page in found) / (now - start) if found else 0.0
    if len(found) < LEAST or not rate:
        return Forecast(rate or None, None, None, len(found), "not enough yet")
    spread = _spread(found, start, now, rate)
    if left is None:
        return Forecast(rate, None, spread, len(found), "nobody knows how many there are")
    if left <= 0:
        why = "" if all(each.done for each in segments) else "there is more than was expected"
        return Forecast(rate, None if why else 0.0, spread, len(found), why)
    if spread > 1:
        return Forecast(rate, None, spread, len(found), "the rate varies too much to tell")
    return Forecast(rate, left / rate, spread, len(found))


def _work_of_a_record(run: Run, indexes: int, tables: int) -> float:
    """Return the work that a run does for one record: a validation reads it more than once."""
    if run.kind is RunKind.VALIDATE and run.params.get("mode") == "full":
        return tables + INDEX_ENTRY * indexes
    return 1.0


@dataclass(frozen=True, slots=True)
class _Page:
    """One page's work and the time that it took."""

    began: float
    ended: float
    work: float

    def within(self, start: float, end: float) -> float:
        """Return the part of the work that was done between two times, taken as even."""
        if self.ended <= self.began:
            return self.work if start < self.ended <= end else 0.0
        overlap = min(self.ended, end) - max(self.began, start)
        return self.work * max(0.0, overlap) / (self.ended - self.began)


def _pages(segment: Segment, began_at: float) -> Iterator[_Page]:
    """Yield the pages that a segment remembers; its first one took about as long as its second."""
    marks = segment.marks
    if marks and not _forgot(segment):
        took = marks[1].at - marks[0].at if len(marks) > 1 else 0.0
        yield _Page(max(began_at, marks[0].at - took), marks[0].at, marks[0].work)
    for before, after in pairwise(marks):
        yield _Page(before.at, after.at, after.work - before.work)


def _forgot(segment: Segment) -> bool:
    """Tell whether a segment may have had more pages than it remembers."""
    return len(segment.marks) == MARKS


def _spread(found: Sequence[_Page], start: float, now: float, rate: float) -> float:
    """Return by which share the rate may be off: twice the standard error of its slices."""
    length = (now - start) / SLICES
    edges = [start + length * number for number in range(SLICES + 1)]
    rates = [sum(page.within(*edge) for page in found) / length for edge in pairwise(edges)]
    share = TWO_SIGMA * stdev(rates) / math.sqrt(SLICES) / rate
    return max(STEP, math.ceil(round(share / STEP, 6)) * STEP)
