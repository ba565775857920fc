"""Looks for anomalies: small scopes to their end, large ones by seed, over several processes."""

import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from multiprocessing import get_context

from prove.choices import Replayed, Seeded, parsed, written
from prove.runs import Outcome, perform, play
from prove.scenarios import FAMILIES
from prove.shrink import shrunk
from prove.small import SCOPES, enumerated, plans
from prove.stage import Opening, small_scale

BATCH = 400
"""Runs of one family that a process does at a time."""

LONG = frozenset({"all the way", "WRITE_V2_ONLY–DECOMMISSIONED"})
"""Families of long runs, of which one batch in `RARE` is done."""
RARE = 12


@dataclass(slots=True)
class Anomaly:
    """A run that shows something that must not happen."""

    family: str
    decisions: list[int]
    violation: str
    plan: int | None = None
    """The number of its scenario in the small scope; None for a drawn one."""

    @property
    def text(self) -> str:
        """Return what `--replay` takes."""
        scope = "" if self.plan is None else f"#{self.plan}"
        return f"{self.family}{scope}:{written(self.decisions)}"


@dataclass(slots=True)
class Batch:
    """What some runs of one family showed."""

    family: str
    small: bool
    runs: int = 0
    digests: "array[int]" = field(default_factory=lambda: array("Q"))
    branches: Counter[str] = field(default_factory=Counter)
    anomalies: list[Anomaly] = field(default_factory=list)

    def add(self, outcome: Outcome, taken: list[int], plan: int | None = None) -> None:
        """Count one run."""
        self.runs += 1
        self.digests.append(outcome.digest)
        self.branches.update(outcome.branches)
        if outcome.violation and len(self.anomalies) < 3:
            self.anomalies.append(Anomaly(self.family, taken, outcome.violation, plan))


Task = tuple[str, int, int | None]
"""A family, the first seed of a batch or the number of a small scenario, and the size."""


def openings() -> Iterator[Opening]:
    """Yield every stage on which a scenario begins."""
    for families in FAMILIES.values():
        for family in families:
            yield from family.openings
    for stages, _ in SCOPES.values():
        yield from stages


def done(task: Task) -> Batch:
    """Do one batch of runs."""
    family, first, size = task
    if size is None:
        return _small(family, first)
    batch = Batch(family, small=False)
    for seed in range(first, first + size):
        choices = Seeded(seed)
        outcome = perform(family, choices)
        batch.add(outcome, choices.taken)
    return batch


def _small(family: str, number: int) -> Batch:
    batch = Batch(family, small=True)
    plan = next(islice(plans(family), number, None))
    for decisions, outcome in enumerated(plan):
        batch.add(outcome, decisions, number)
    return batch


def tasks(first_seed: int, *, small: bool) -> Iterator[Task]:
    """Yield batches without end: first all small scopes, then seeds of every family in turn."""
    if small:
        for family in SCOPES:
            for number, _ in enumerate(plans(family)):
                yield family, number, None
    for turn in count():
        for family in FAMILIES:
            if family not in LONG or turn % RARE == 0:
                yield family, first_seed + turn * BATCH, BATCH


@dataclass(slots=True)
class Figures:
    """Everything that was counted."""

    seconds: float = 0.0
    runs: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)
    distinct: dict[str, set[int]] = field(default_factory=dict)
    branches: dict[str, Counter[str]] = field(default_factory=dict)
    anomalies: list[Anomaly] = field(default_factory=list)
    complete: bool = False
    """Whether every small scope was gone through to its end."""

    @property
    def interleavings(self) -> int:
        """Return the number of distinct interleavings."""
        return sum(map(len, self.distinct.values()))

    def add(self, batch: Batch) -> None:
        """Count a batch."""
        self.runs[batch.family] += batch.runs
        if batch.small:
            self.small[batch.family] += batch.runs
        self.distinct.setdefault(batch.family, set()).update(batch.digests)
        self.branches.setdefault(batch.family, Counter()).update(batch.branches)
        self.anomalies += batch.anomalies


def search(
    wanted: int,
    minutes: float,
    jobs: int,
    seed: int,
    *,
    small: bool = True,
    shown: Callable[[Figures], None] = lambda _figures: None,
) -> Figures:
    """Run until there are so many distinct interleavings, or the time is over, or one fails."""
    figures, began = Figures(), time.monotonic()
    last = began
    with small_scale(openings()):
        for batch in _spread(tasks(seed, small=small), jobs):
            figures.add(batch)
            figures.complete |= small and not batch.small
            figures.seconds = time.monotonic() - began
            if figures.seconds - (last - began) > 20:
                last = time.monotonic()
                shown(figures)
            over = figures.seconds > minutes * 60
            enough = figures.interleavings >= wanted and (figures.complete or not small)
            if figures.anomalies or enough or over:
                break
    return figures


def _spread(work: Iterator[Task], jobs: int) -> Iterator[Batch]:
    """Yield batches as processes finish them; few are begun before they are wanted."""
    if jobs == 1:
        yield from map(done, work)
        return
    with get_context("fork").Pool(jobs) as pool:
        pending = [pool.apply_async(done, (task,)) for task in islice(work, 2 * jobs)]
        while pending:
            yield pending.pop(0).get()
            pending += [pool.apply_async(done, (task,)) for task in islice(work, 1)]


# -- one run again


def replayed(text: str) -> Outcome:
    """Do a run again from its text, as `Anomaly.text` gives it."""
    name, decisions = text.rsplit(":", 1)
    family, _, number = name.partition("#")
    return _again(family, int(number) if number else None, parsed(decisions))


def shortest(anomaly: Anomaly) -> Anomaly:
    """Return the simplest run found that shows an anomaly of the same kind."""
    kind = anomaly.violation[:24]

    def fails(decisions: Sequence[int]) -> bool:
        outcome = _again(anomaly.family, anomaly.plan, decisions)
        return (outcome.violation or "").startswith(kind)

    best = shrunk(anomaly.decisions, fails)
    outcome = _again(anomaly.family, anomaly.plan, best)
    return Anomaly(anomaly.family, best, outcome.violation or "", anomaly.plan)


def _again(family: str, number: int | None, decisions: Sequence[int]) -> Outcome:
    if number is None:
        return perform(family, Replayed(decisions))
    plan = next(islice(plans(family), number, None))
    return play(plan, Replayed(decisions), ticking=False)
