"""A person's decision about a record in doubt: checked, written, logged, and carried on.

The write holds only for the record exactly as it was shown, and carries a write id, so that one
whose answer was lost is recognised and takes effect once. Word of who decides is left before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.engine.admission import refuse_unfit
from shared.engine.commit import Patience, unknown
from shared.engine.doubt import Judge, judge_of
from shared.engine.images import Unmovable
from shared.engine.lease import Operation, PhaseLease
from shared.engine.locks import lock_name, under_way
from shared.engine.requester import ASKED
from shared.engine.review import Shown, overlaid, show
from shared.engine.shares import in_share
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import (
    ConditionFailed,
    Contended,
    GuardRefused,
    InvalidInput,
    LeaseLost,
    OutcomeUnknown,
    Outdated,
    StoreError,
    Throttled,
)
from shared.model.item import ITEM_LIMIT_BYTES, Item, Value, encode, size
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.stamp import Stamp
from shared.model.writes import Side, Update

DECIDED = "decide"
"""The action of the audit entry that a decision leaves."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person decided: the name of a candidate, or attributes for the old record."""

    candidate: str | None = None
    value: Mapping[str, Value] | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A decision that is written: `execution` is the name of the backfill that was started for
    the record, and `then` says what becomes of it."""

    key: str
    decision: str
    version: int
    execution: str | None
    then: str


def resolve(
    world: World, key: Key, answer: Answer, *, seen: str, actor: str, reason: str
) -> Resolved:
    """Decide about one record; `seen` is the fingerprint of what the person was shown.

    Raises InvalidInput for an answer that leaves the record in doubt, Outdated when it changed
    since, GuardRefused when there is nothing to decide or the phase forbids it, and LeaseLost.
    """
    timing = world.environment.timing
    lease = PhaseLease(world.control, world.clock, world.migration.name, timing, world.tables)
    operation, judge = lease.operation(timing.operation), judge_of(world)
    judge.refuse_phase(operation.state)
    shown = show(world, key)
    _refuse_unfit(shown, seen, operation.state)
    assign, decision = _given(shown, answer)
    action = _action(world, judge, shown, assign)
    entry = AuditEntry(
        migration=world.migration.name,
        at=world.clock.wall(),
        epoch=operation.state.epoch,
        action=DECIDED,
        actor=actor,
        reason=reason,
        detail=f"{shown.key}: {decision}",
    )
    world.ledger.record(entry)
    try:
        stored = _written(world, operation, action)
    except (Outdated, LeaseLost) as error:
        why = replace(entry, action="decision refused", detail=f"{shown.key}: {error.message}")
        world.ledger.record(why)
        raise
    write = str(stored[world.migration.stamps.write])
    execution, then = _carry_on(world, shown, write, entry)
    version = world.migration.stamps.read(stored).version
    return Resolved(shown.key, decision, version, execution, then)


# -- what was decided


def _refuse_unfit(shown: Shown, seen: str, state: ControlState) -> None:
    if shown.fingerprint != seen:
        raise _outdated()
    if not shown.in_doubt:
        raise GuardRefused(
            "nothing is in doubt about this record: there is nothing to decide",
            missing=("in_doubt",),
        )
    if shown.excluded and state.phase is not Phase.OFF:
        raise GuardRefused(
            "a person has excluded this record: it stays as it is",
            missing=("not_excluded",),
            mend=f"roll back to {Phase.OFF}, where an exclusion can be taken back",
        )


def _outdated() -> Outdated:
    return Outdated(
        "the record, or what it may mean, has changed since it was shown",
        missing=("unchanged",),
        mend="look at it again, then decide",
    )


def _given(shown: Shown, answer: Answer) -> tuple[Mapping[str, Value], str]:
    """Return what is laid over the record, and the decision in words that name no value."""
    if (answer.candidate is None) == (answer.value is None):
        raise InvalidInput("give a candidate or a value", field="value", mend="one of both")
    if answer.value is not None:
        if not answer.value:
            raise InvalidInput("the value has no attributes", field="value", mend='{"NAME": …}')
        return answer.value, "set " + ", ".join(sorted(answer.value))
    names = [each.candidate.name for each in shown.options]
    for option in shown.options:
        if option.candidate.name == answer.candidate:
            return option.candidate.assign, f"candidate {answer.candidate}"
    raise InvalidInput(
        f"the record has no candidate {answer.candidate!r}",
        field="candidate",
        mend=f"one of {', '.join(names)}" if names else "it has none: set a value",
    )


def _action(world: World, judge: Judge, shown: Shown, assign: Mapping[str, Value]) -> Update:
    """Return the write of a decision, after proving that the record then migrates."""
    laid = overlaid(world, shown.stored, assign)
    encode(assign)  # refuses what no item can hold
    stamps = world.migration.stamps
    stamp = stamps.read(shown.stored)
    newer = Stamp(stamp.version + 1, stamp.birth, world.ids.new())
    after: Item = {**laid, **stamps.write_out(newer)}
    action = judge.update(shown.stored, after)
    if size(after) > ITEM_LIMIT_BYTES:
        raise InvalidInput(
            f"the record would be {size(after)} bytes; at most {ITEM_LIMIT_BYTES} can be stored",
            field="value",
            mend="give shorter values",
        )
    image = judge.becomes(after)
    if isinstance(image, Unmovable):
        raise InvalidInput(
            f"with that the record still does not migrate: {image.kind}: {image.reason}",
            field=image.field or "value",
            mend="choose or set something else",
        )
    return action


# -- the write, whose answer may be lost


def _written(world: World, operation: Operation, action: Update) -> Item:
    """Do the write and return the item; raise Outdated when the record is another by now.

    It may be sent again: its condition is what was read, so it takes effect once.
    """
    write = action.assign[world.migration.stamps.write]
    patience, lost = Patience(world, str(write)), False
    while True:
        if not lost:
            operation.check()
        elif operation.expired:
            raise unknown()
        try:
            return world.tables.write(action) or {}
        except ConditionFailed as error:
            if not lost:
                raise _outdated() from error
            stored = world.tables.get(Side.SOURCE, action.key)
            if stored is None or stored.get(world.migration.stamps.write) != write:
                raise unknown() from error  # it may have been there before somebody changed it
            return stored
        except (Contended, Throttled) as error:
            patience.blame(error)
        except OutcomeUnknown:
            lost = True
        patience.wait()


# -- what becomes of the record


def _carry_on(world: World, shown: Shown, write: str, entry: AuditEntry) -> tuple[str | None, str]:
    """Start a backfill for the record if one may run now; else tell why it migrates later."""
    try:
        why = _why_later(world, shown)
        if why is None:
            name = f"review-{write}"
            asked = replace(entry, action=f"{ASKED} {RunKind.BACKFILL}", detail=name)
            world.ledger.record(asked)
            given = {"migration": world.migration.name, "keys": [shown.key]}
            world.executions.start(RunKind.BACKFILL, given, name)
            return name, "a backfill is started for it: it migrates in a moment"
    except (GuardRefused, StoreError) as error:  # the decision stands, whatever comes of this
        why = error.message
    return None, f"it migrates with the next run: {why}"


def _why_later(world: World, shown: Shown) -> str | None:
    """Return why no backfill is started now; None when one may be."""
    if shown.excluded:
        return "it is excluded until that is taken back"
    state = world.control.read(world.migration.name)
    refuse_unfit(world, state, RunKind.BACKFILL)
    if state.phase is Phase.WRITE_NEW and not in_share(shown.key, state.percent):
        return f"it is not among the {state.percent} % of keys that are written anew"
    journey = under_way(world, lock_name(RunKind.MIGRATE))
    if journey is not None and (journey.kind is RunKind.ROLLBACK or state.backfilled is None):
        return f"{journey.kind} {journey.run_id} is under way"
    work = under_way(world, lock_name(RunKind.BACKFILL))
    return None if work is None else f"{work.kind} {work.run_id} is under way"
