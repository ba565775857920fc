"""The review queue: records that no program should decide, and the person's word on each.

The queue is what the last runs found ambiguous and still is. A decision is a choice or a value
that is laid over the record in its old shape; it is written only if the record is exactly as it
was shown, so of two people who decide at once one is told to look again.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from shared.engine.doubt import Judge, judge_of
from shared.engine.exclusions import Exclusions
from shared.engine.images import Unmovable
from shared.engine.world import World
from shared.model.declaration import TRANSFORM, Candidate, Decision, Verdict
from shared.model.errors import InvalidInput, NotFound
from shared.model.item import Item, Value, canonical, same
from shared.model.key import Key
from shared.model.runs import FindingKind, Run, RunKind, RunStatus
from shared.model.writes import Side

LOOKED_THROUGH = 200
"""Runs among which the last one is looked for that went through everything."""
BATCH = 100
"""Records read at once; BatchGetItem takes as many."""
LOOKING = (RunKind.DRY_RUN, RunKind.BACKFILL, RunKind.VALIDATE)
"""The runs that tell which records are ambiguous."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits for a person; an excluded one was left out by one, and waits no more."""

    key: str
    reason: str
    field: str | None
    candidates: tuple[str, ...]
    excluded: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """All records in doubt; `since` is the last run that went through everything (None: none)."""

    records: tuple[Waiting, ...]
    since: Run | None


@dataclass(frozen=True, slots=True)
class Option:
    """A candidate and what the record would become with it."""

    candidate: Candidate
    becomes: Item | Unmovable


@dataclass(frozen=True, slots=True)
class Shown:
    """One record as a person sees it; `fingerprint` stands for all that the decision rests on."""

    key: str
    stored: Item
    verdict: Verdict
    options: tuple[Option, ...]
    excluded: bool
    fingerprint: str

    @property
    def in_doubt(self) -> bool:
        """Tell whether there is anything to decide."""
        return self.verdict.decision is Decision.AMBIGUOUS


def queue(world: World) -> Queue:
    """Return the records that are in doubt now, ordered by key."""
    runs, since = _newest(world)
    keys = sorted({key for run in runs for key in _ambiguous(world, run)})
    excluded = Exclusions(world).keys(world.control.read(world.migration.name))
    records = [each for batch in _batches(keys) for each in _in_doubt(world, batch, excluded)]
    return Queue(tuple(records), since)


def show(world: World, key: Key) -> Shown:
    """Return one record as it is stored and what it could become; raise NotFound."""
    keys = world.migration.source.keys
    text, stored = keys.text(key), world.tables.get(Side.SOURCE, key)
    if stored is None:
        raise NotFound("there is no record with this key", key=text, mend="correct the key")
    judge = judge_of(world)
    verdict = judge.verdict(stored)
    state = world.control.read(world.migration.name)
    return Shown(
        key=text,
        stored=stored,
        verdict=verdict,
        options=_options(world, judge, stored, verdict),
        excluded=text in Exclusions(world).keys(state),
        fingerprint=_fingerprint(stored, verdict),
    )


def overlaid(world: World, stored: Item, assign: Mapping[str, Value]) -> Item:
    """Return a stored item with a person's attributes; raise InvalidInput for key and stamp.

    Whose a record is may be said of one that does not say it, and changed of none.
    """
    names = world.migration.source.keys.names
    for name in sorted(set(assign) & {*names, *world.migration.stamps.all}):
        what = "part of the record's key" if name in names else "the engine's own"
        raise InvalidInput(
            f"{name} is {what} and cannot be set",
            field="value",
            mend="leave it out",
        )
    for name in sorted(set(assign) & world.migration.owned_by):
        if stored.get(name) is not None and not same(stored[name], assign[name]):
            raise InvalidInput(
                f"{name} says whose the record is and cannot be changed",
                field="value",
                mend="leave it out; a record of somebody else is another record",
            )
    return {**stored, **assign}


def _newest(world: World) -> tuple[list[Run], Run | None]:
    """Return the last run that went through everything, which comes last, and all newer ones."""
    found: list[Run] = []
    for run in world.ledger.runs(world.migration.name, LOOKED_THROUGH):
        if run.kind not in LOOKING:
            continue
        found.append(run)
        if _went_through_everything(run):
            return found, run
    return found, None


def _went_through_everything(run: Run) -> bool:
    ended = run.status in (RunStatus.SUCCEEDED, RunStatus.HELD) and not run.facts.get("paused")
    return ended and run.params.get("keys") is None and run.params.get("mode") != "sample"


def _ambiguous(world: World, run: Run) -> Iterator[str]:
    for each in world.ledger.findings(run.run_id):
        if each.kind is FindingKind.AMBIGUOUS:
            yield each.key


def _in_doubt(world: World, texts: list[str], excluded: frozenset[str]) -> Iterator[Waiting]:
    """Yield those of some records that are still ambiguous."""
    schema, judge = world.migration.source.keys, judge_of(world)
    stored = world.tables.get_many(Side.SOURCE, [schema.parse(text) for text in texts])
    for text, item in zip(texts, stored, strict=True):
        verdict = TRANSFORM if item is None else judge.verdict(item)
        if verdict.decision is Decision.AMBIGUOUS:
            names = tuple(each.name for each in verdict.candidates)
            yield Waiting(text, verdict.reason, verdict.field, names, text in excluded)


def _options(world: World, judge: Judge, stored: Item, verdict: Verdict) -> tuple[Option, ...]:
    return tuple(
        Option(each, judge.becomes(overlaid(world, stored, each.assign)))
        for each in verdict.candidates
    )


def _fingerprint(stored: Item, verdict: Verdict) -> str:
    """Return a short name of a record with its stamp, and of the answers that were offered."""
    offered = [[each.name, dict(each.assign)] for each in verdict.candidates]
    told = canonical([stored, verdict.decision.value, verdict.reason, offered])
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _batches(given: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(given)
    while batch := list(islice(rest, BATCH)):
        yield batch
