"""Looks for anomalies: small scopes to their end, large ones by seed, over several processes."""

import gc
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, islice
from operator import itemgetter

from prove.choices import Replayed, Seeded, parsed, written
from prove.families import FAMILIES
from prove.forks import forked
from prove.playing import Outcome
from prove.runs import perform, play
from prove.scale import small_scale
from prove.shrink import shrunk
from prove.small import SCOPES, enumerated, plans
from prove.stage import Opening

BATCH = 400
"""Runs of one family that a process does at a time."""
SCENARIOS_PER_BATCH = 3
"""Small scenarios for each batch of seeds, so that both sorts are met from the beginning."""
TELL = 5.0
"""Seconds between two lines that say how far a search is."""

LONG = frozenset({"all the way", "in place all the way", "WRITE_V2_ONLY–DECOMMISSIONED"})
"""Families of long runs, of which one batch in `RARE` is done."""
RARE = 12
SLOW = frozenset({"DUAL–DUAL", "DUAL_AF–DUAL"})
"""Families with a job in every run, of which every third batch is done."""


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
    cut: int = 0
    """Runs that were cut short, since all that could follow was tried before."""
    digests: "array[int]" = field(default_factory=lambda: array("Q"))
    branches: Counter[str] = field(default_factory=Counter)
    anomalies: list[Anomaly] = field(default_factory=list)

    def add(self, outcome: Outcome, taken: list[int], plan: int | None = None) -> None:
        """Count one run."""
        self.runs += 1
        self.branches.update(outcome.branches)
        if outcome.again:
            self.cut += 1
        else:
            self.digests.append(outcome.digest)
        if outcome.violation and len(self.anomalies) < 3:
            self.anomalies.append(Anomaly(self.family, taken, outcome.violation, plan))


Task = tuple[str, int, int | None]
"""A family, the first seed of a batch or the number of a small scenario, and the size."""


def openings() -> Iterator[Opening]:
    """Yield every stage on which a scenario begins."""
    for families in FAMILIES.values():
        for family in families:
            yield from family.openings
    for scope in chain.from_iterable(SCOPES.values()):
        yield from scope.openings


def done(task: Task) -> Batch:
    """Do one batch of runs."""
    family, first, size = task
    gc.disable()  # a run leaves cycles of actors behind: collected once per batch
    try:
        return _small(family, first) if size is None else _large(family, first, size)
    finally:
        gc.enable()
        gc.collect()


def _large(family: str, first: int, size: int) -> Batch:
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
        if batch.runs % BATCH == 0:
            gc.collect()
    return batch


def small_tasks() -> list[Task]:
    """Return all small scenarios, the first of each pair first."""
    every: list[Task] = [
        (family, at, None) for family in SCOPES for at, _plan in enumerate(plans(family))
    ]
    return sorted(every, key=itemgetter(1))


def large_tasks(first_seed: int) -> Iterator[Task]:
    """Yield seeds of every family in turn, without end."""
    for turn in count():
        for family in FAMILIES:
            if turn % (RARE if family in LONG else 3 if family in SLOW else 1) == 0:
                yield family, first_seed + turn * BATCH, BATCH


@dataclass(slots=True)
class Figures:
    """Everything that was counted."""

    seconds: float = 0.0
    runs: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    small: Counter[str] = field(default_factory=Counter)
    """Runs of small scopes."""
    scopes: Counter[str] = field(default_factory=Counter)
    """Small scenarios of which every order was tried."""
    distinct: dict[str, set[int]] = field(default_factory=dict)
    branches: dict[str, Counter[str]] = field(default_factory=dict)
    anomalies: list[Anomaly] = field(default_factory=list)

    @property
    def interleavings(self) -> int:
        """Return the number of distinct interleavings."""
        return sum(map(len, self.distinct.values()))

    def complete(self) -> bool:
        """Tell whether every small scope was gone through to its end."""
        return sum(self.scopes.values()) == len(small_tasks())

    def add(self, batch: Batch) -> None:
        """Count a batch."""
        self.runs[batch.family] += batch.runs
        self.cut += batch.cut
        if batch.small:
            self.small[batch.family] += batch.runs
            self.scopes[batch.family] += 1
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
    told, left = began, len(small_tasks()) if small else 0
    with small_scale(openings()):
        work = _mixed(seed, lambda: figures.interleavings >= wanted, small=small)
        for batch in _spread(work, jobs):
            now = time.monotonic()
            figures.seconds = now - began
            if batch is not None:
                figures.add(batch)
                left -= batch.small
            if now - told >= TELL:
                told = now
                shown(figures)
            enough = figures.interleavings >= wanted and not left
            if figures.anomalies or enough or figures.seconds > minutes * 60:
                break
    return figures


def _mixed(first_seed: int, enough: Callable[[], bool], *, small: bool) -> Iterator[Task]:
    """Yield small scenarios and seeds in turn, then seeds without end."""
    large = large_tasks(first_seed)
    for number, task in enumerate(small_tasks() if small else ()):
        yield task
        if number % SCENARIOS_PER_BATCH == 0 and not enough():
            yield next(large)
    yield from large


def _spread(work: Iterator[Task], jobs: int) -> Iterator[Batch | None]:
    """Yield batches as processes finish them, and None while none does for a while."""
    with forked(jobs) as pool:
        pending = [pool.apply_async(done, (task,)) for task in islice(work, 3 * jobs)]
        while pending:
            ready = next((each for each in pending if each.ready()), None)
            if ready is None:
                pending[0].wait(0.5)
                yield None
                continue
            pending.remove(ready)
            pending += [pool.apply_async(done, (task,)) for task in islice(work, 1)]
            yield ready.get()


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
