"""What may be wrong with a migration that nobody is working on, and the evidence for it.

Each look returns what it found; none changes anything. What is found is mended by
shared/engine/mending.py, or by the person whom `mend` tells how.
"""

from collections.abc import Callable, Iterator

from shared.engine.admission import transform_changed
from shared.engine.certificate import why_stale
from shared.engine.dead_runs import dead_runs, failed_journey, silent_workers
from shared.engine.disease import Case, Diagnosis, Disease, moment
from shared.engine.lease import check_pins
from shared.engine.locks import lock_name, under_way
from shared.engine.overview import RUNS
from shared.engine.world import World
from shared.model.errors import StoreError, TableGone
from shared.model.phases import Phase, PhaseClass
from shared.model.runs import RunKind
from shared.model.writes import Side

Look = Callable[[Case], Iterator[Diagnosis]]


def diagnose(world: World) -> list[Diagnosis]:
    """Return everything that is wrong, the gravest first; an empty list is a healthy migration.

    A look that a store refuses is told as such: the others may show what the matter is.
    """
    name = world.migration.name
    case = Case(world, world.control.read(name), world.ledger.runs(name, RUNS))
    return [found for what, look in LOOKS for found in _examined(case, what, look)]


def _examined(case: Case, what: str, look: Look) -> list[Diagnosis]:
    try:
        return list(look(case))
    except StoreError as error:
        return [
            Diagnosis(
                Disease.NOT_EXAMINED,
                f"nobody knows about {what}: the look at it failed",
                (error.message,),
                error.mend or "look at the permissions of whoever asks, then ask again",
                mendable=False,
                subject=what,
            )
        ]


# -- the tables


def _other_table(case: Case) -> Iterator[Diagnosis]:
    try:
        check_pins(case.state, case.world.tables)
    except TableGone as gone:
        ids = {Side.SOURCE: case.state.source_id, Side.TARGET: case.state.target_id}
        tables = case.world.migration.tables
        pins = ", ".join(f"{table.name} {ids[side]}" for side, table in tables.items())
        yield Diagnosis(
            Disease.OTHER_TABLE,
            "a table was dropped, or made again under its name; everything stands still",
            (gone.message, f"pinned: {pins}"),
            gone.mend or "deploy the stacks, or restore the table",
            mendable=False,
        )


def _writes(case: Case) -> Iterator[Diagnosis]:
    phase, name = case.state.phase, case.world.migration.source.name
    if not phase.source_exists:
        return
    try:
        denied = case.world.administration.writes_denied(Side.SOURCE)
    except TableGone:
        return  # told by the look at the tables
    if denied and phase.order < Phase.WRITE_V2_ONLY.order:
        yield Diagnosis(
            Disease.WRITES_DENIED,
            f"{name} is closed for writes, in a phase that writes to it",
            (f"its policy denies writes in {phase}; only an archive does that",),
            "lift the denial",
            mendable=True,
        )
    if phase is Phase.ARCHIVED and not denied:
        back = f"cutover advance {case.name} --to {Phase.WRITE_V2_ONLY}"
        yield Diagnosis(
            Disease.WRITES_OPEN,
            f"{name} is archived and open for writes: its archive may not be its last word",
            (f"its policy denies nothing in {phase}",),
            f"archive it anew: `{back}`, then `cutover archive {case.name}`",
            mendable=False,
        )


# -- locks and leases


def _stale_locks(case: Case) -> Iterator[Diagnosis]:
    for lock in dict.fromkeys(map(lock_name, RunKind)):
        holder = case.world.ledger.holder(case.name, lock)
        run = case.world.ledger.load(holder) if holder else None
        if holder is None or (run is not None and run.active):
            continue
        why = f"run {holder} is {run.status}" if run else f"there is no run {holder}"
        yield Diagnosis(
            Disease.STALE_LOCK,
            f"the lock {lock} is held by a run that has ended",
            (why,),
            "give the lock back",
            mendable=True,
            subject=lock,
        )


def _stale_lease(case: Case) -> Iterator[Diagnosis]:
    working = case.state.working
    run = case.world.ledger.load(working) if working else None
    if working is None or (run is not None and run.active):
        return
    if case.world.control.read(case.name).working != working:
        return  # it ended just now
    yield Diagnosis(
        Disease.STALE_LEASE,
        f"the workers of run {working} may still write, though it has ended",
        (f"run {working} is {run.status if run else 'unknown'}",),
        "take their leave away; a validation then waits until the last of them is surely done",
        mendable=True,
        subject=working,
    )


# -- what was told, and what was proven


def _held_by_alarm(case: Case) -> Iterator[Diagnosis]:
    hold = case.state.hold
    if hold is None:
        return
    yield Diagnosis(
        Disease.UNACKNOWLEDGED_ALARM,
        f"{hold.alarm} went off and nobody has acknowledged it: nothing goes forward",
        (
            f"since {moment(hold.since)}, in {hold.phase}; the answer was: {hold.answer}",
            *([hold.reason] if hold.reason else []),
        ),
        f'find the cause, then `cutover approve {case.name} --alarm --reason "…"`',
        mendable=False,
        subject=hold.alarm,
    )


def _proof(case: Case) -> Iterator[Diagnosis]:
    state, world = case.state, case.world
    if state.late(case.now):
        yield Diagnosis(
            Disease.LATE_STREAMS,
            "the tripwire learns of writes too late: no certificate stands meanwhile",
            (f"until {moment(state.late_until)}, if no late record comes again",),
            "look at the function watch_writes, its errors and its iterator age",
            mendable=False,
        )
    if state.phase is not Phase.OFF and transform_changed(world, state):
        yield Diagnosis(
            Disease.CHANGED_TRANSFORM,
            "the transform or the models changed since the migration began: no run may start",
            (f"began with {state.digest[:12]}, now {world.digest[:12]}",),
            f"go back to the code of before, or `cutover advance {case.name} --reopen`",
            mendable=False,
        )
    readers = state.phase.group in (PhaseClass.READ_N, PhaseClass.READ_V2)
    lack = _lack_of_proof(case) if readers else None
    if lack is not None and under_way(world, lock_name(RunKind.VALIDATE)) is None:
        yield Diagnosis(
            Disease.VOID_CERTIFICATE,
            f"readers are on v2 in {state.phase}, and no certificate stands",
            (lack, "without one no reader moves on, and READ_V2 cannot be left"),
            "start a validation, which repairs nothing; what differs is for a person to look at",
            mendable=not (state.late(case.now) or transform_changed(world, state)),
        )


def _lack_of_proof(case: Case) -> str | None:
    """Return why the certificate does not stand, or None when it does."""
    certificate = case.state.certificate
    if certificate is None:
        return "it was never granted, or is void"
    return why_stale(case.world, certificate)


def _dead_letters(case: Case) -> Iterator[Diagnosis]:
    for queue, count in sorted(case.world.dead_letters.waiting().items()):
        yield Diagnosis(
            Disease.DEAD_LETTERS,
            "messages that a function could not handle wait for a person",
            (f"about {count} in the queue {queue}",),
            "read them and the function's log, mend the cause, then redrive or purge the queue",
            mendable=False,
            subject=queue,
        )


LOOKS: tuple[tuple[str, Look], ...] = (
    ("the tables", _other_table),
    ("v1's policy", _writes),
    ("runs whose workflow is gone", dead_runs),
    ("journeys that failed", failed_journey),
    ("silent workers", silent_workers),
    ("locks", _stale_locks),
    ("workers' leases", _stale_lease),
    ("the alarm", _held_by_alarm),
    ("the certificate", _proof),
    ("dead letters", _dead_letters),
)
