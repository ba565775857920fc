"""Moves a migration from one phase to the next, by a journey or by hand, guards first.

Each move is one conditional write on the control item's revision, with its audit entry in the
same transaction, so of two who decide at once one is refused (rule 3 of docs/protocol.md).
"""

from dataclasses import replace

from shared.engine.admission import refuse_changed_transform, refuse_undeclared
from shared.engine.control_writes import TRIES, change_control, in_force, stamped
from shared.engine.guards import approval_lack, missing, raises_share
from shared.engine.lease import check_pins
from shared.engine.locks import lock_name, under_way
from shared.engine.measuring import phase_measured, record_measured, with_baseline
from shared.engine.news import tell_gate, tell_move
from shared.engine.preflight import problems_of, refuse_problems
from shared.engine.requester import UNKNOWN, another, asker_of, other, refuse_own
from shared.engine.segments import load_active, load_run
from shared.engine.world import World
from shared.model.control import Approval, AuditEntry, Change, ControlState
from shared.model.errors import GuardRefused, InvalidInput, Superseded
from shared.model.moves import Move, move_between
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind
from shared.model.writes import Side


def move(world: World, run_id: str, to: Phase, percent: int | None) -> ControlState:
    """Make one move of a journey; raise Superseded when somebody else moved since it planned.

    A change of something else on the control item, such as an alarm's hold, makes it look again,
    and so does its own move of a try before that came late: a rollback must not end over that.
    """
    run = load_active(world, run_id)
    expected = int(run.facts["epoch"])
    for _ in range(TRIES):
        try:
            return _remember(world, run_id, _move_of(world, run, expected, to, percent))
        except Superseded:
            found = world.control.read(run.migration)
            if found.epoch != expected and found.mover != run_id:
                raise
    raise Superseded("the control item changes faster than it can be moved", run_id=run_id)


def _move_of(world: World, run: Run, expected: int, to: Phase, percent: int | None) -> ControlState:
    state = in_force(world, world.control.read(run.migration))
    made = state.mover == run.run_id and state.epoch in (expected, expected + 1)
    if made and _is_there(world, state, to, percent):  # this very move, whose answer was lost
        return state
    if state.epoch != expected:
        raise Superseded(
            f"{run.migration} was moved to {state.phase} by somebody else", run_id=run.run_id
        )
    reason = str(run.params.get("reason") or f"{run.kind} {run.run_id}")
    asker = asker_of(run)
    return _move(world, state, to, percent, run.actor, reason, mover=run.run_id, asker=asker)


def move_by_hand(
    world: World, to: Phase, percent: int | None, *, actor: str, reason: str
) -> ControlState:
    """Make one move that an operator asks for; raise GuardRefused saying what is missing."""
    state = in_force(world, world.control.read(world.migration.name))
    moved = _move(world, state, to, percent, actor, reason, mover=None, asker=actor)
    record_measured(world, state, moved, actor)
    return moved


def reopen(world: World, *, actor: str, reason: str) -> ControlState:
    """Go on with a changed transform: the certificate is void and the phase settles anew."""
    now = world.clock.wall()

    def reopened(state: ControlState) -> ControlState:
        return replace(
            state.voided(),
            digest=world.digest,
            previous=state.phase,  # or going back would pass for an abort, which needs no proof
            class_change=Change(now),
            epoch=state.epoch + 1,
            mover=None,
        )

    return change_control(world, reopened, _entry(world, "reopen", actor, reason))


def overtake(world: World, run: Run, overtaken: Run) -> Run:
    """Move the epoch on for a rollback, so that the migrate it overtook can move nothing more."""

    def claimed(state: ControlState) -> ControlState:
        return replace(state, epoch=state.epoch + 1, mover=run.run_id)

    entry = _entry(world, f"overtake {overtaken.run_id}", run.actor, f"{run.kind} {run.run_id}")
    state = change_control(world, claimed, entry)
    run = run.with_facts(epoch=state.epoch)
    world.ledger.save(run)
    for gate in Phase:
        waiter = world.ledger.waiter(run.migration, gate)
        if waiter is not None:
            world.executions.wake(waiter, gate)  # it finds the epoch moved on, and ends
    return run


def request_approval(world: World, run_id: str, gate: Phase, token: str) -> None:
    """Let a workflow wait at a gate; it goes on at once when the approval is already there."""
    run = load_run(world, run_id)
    world.ledger.wait_for_approval(run.migration, gate, token)
    state = world.control.read(run.migration)
    overtaken = state.epoch != int(run.facts["epoch"])
    if overtaken or approval_lack(world, state, gate, asker_of(run)) is None:
        world.executions.wake(token, gate)
    else:
        by_two = asker_of(run) == UNKNOWN and not world.environment.approves_alone
        tell_gate(world, run, gate, by_two=by_two)


def approve(
    world: World,
    gate: Phase,
    *,
    approver: str,
    reason: str,
    table: str | None = None,
    releases_exclusions: bool = False,
    epoch: int | None = None,
) -> Approval:
    """Record a person's approval of entering a phase, and wake the workflow that waits for it.

    A journey that nobody is known to have asked for goes on when a second person approves.
    Deleting v1 needs the table's name repeated. Raises InvalidInput when the phase is not next,
    GuardRefused when the approver asked for it, and Superseded when `epoch` is given and another
    one by now.
    """
    name = world.migration.name
    state = world.control.read(name)
    if epoch not in (None, state.epoch):
        raise Superseded(f"{name} was moved to {state.phase} by somebody else")
    if not _needs_approval(world, state, gate):
        raise InvalidInput(
            f"{name} is in {state.phase}: going to {gate} needs no approval",
            field="gate",
            mend=f"`cutover status {name}` shows what the next phase waits for",
        )
    refuse_own(world, approver)
    if gate is Phase.DECOMMISSIONED and table != world.migration.source.name:
        raise GuardRefused(
            f"deleting v1 needs its name repeated, not {table!r}",
            field="table",
            missing=("approved",),
            mend=f"--table {world.migration.source.name}",
        )
    now = world.clock.wall()
    before, since = world.ledger.approval(name, gate), now - world.environment.approval_age
    second = another(before, approver, state.epoch, since)
    approval = Approval(
        name, gate, state.epoch, approver, now, reason, table, releases_exclusions, second
    )
    world.ledger.approve(approval, _entry(world, f"approve {gate}", approver, reason, state.epoch))
    if releases_exclusions:
        _release(world, approver, reason)
    _wake(world, state, gate)
    return approval


def _release(world: World, approver: str, reason: str) -> None:
    """Give up the excluded records, remembering who else has done so before."""

    def released(state: ControlState) -> ControlState:
        co_releaser = other(state.releaser, approver) if state.released else None
        return replace(state, released=True, releaser=approver, co_releaser=co_releaser)

    change_control(world, released, _entry(world, "release exclusions", approver, reason))


def _wake(world: World, state: ControlState, gate: Phase) -> None:
    """Wake the journey that waits at a gate, once it has all the approval that it needs."""
    waiter = world.ledger.waiter(state.migration, gate)
    if waiter is None:
        return
    journey = under_way(world, lock_name(RunKind.MIGRATE))
    asker = asker_of(journey) if journey is not None else None
    if approval_lack(world, state, gate, asker) is None:
        world.executions.wake(waiter, gate)


def _needs_approval(world: World, state: ControlState, gate: Phase) -> bool:
    """Tell whether entering a phase, or raising the share in it, is a person's to approve."""
    if gate is state.phase and gate.ramped:
        return world.environment.approves_each_share and state.percent < 100
    return move_between(state.phase, gate, world.migration.way).forward


def _move(
    world: World,
    state: ControlState,
    to: Phase,
    percent: int | None,
    actor: str,
    reason: str,
    *,
    mover: str | None,
    asker: str | None,
) -> ControlState:
    check_pins(state, world.tables)
    planned = _planned(world, state, to, percent)
    if state.phase is Phase.OFF:
        refuse_problems(problems_of(world))
    elif planned is not None and to.order >= state.phase.order:
        refuse_changed_transform(world, state)  # a changed transform keeps nobody from going home
    lacks = missing(world, state, planned, asker) if planned is not None else []
    if lacks:
        raise GuardRefused(
            f"{state.phase} to {to}: " + "; ".join(lack.reason for lack in lacks),
            missing=tuple(lack.guard.value for lack in lacks),
            mend=f"`cutover status {state.migration}` shows what is missing and until when",
        )
    opens = state.phase.order >= Phase.WRITE_V2_ONLY.order > to.order or (
        state.phase is Phase.ARCHIVED and to is Phase.WRITE_V2_ONLY
    )
    if opens:
        world.administration.allow_writes(Side.SOURCE)
    moved = replace(
        _begun(world, state, actor).moved(
            to, _share(world, to, percent), world.clock.wall(), mover
        ),
        revision=state.revision + 1,
    )
    entry = replace(
        _entry(world, f"move to {to}", actor, reason, moved.epoch),
        detail=f"from {state.phase}, {world.migration.ramps}: {moved.percent} %",
    )
    world.control.write(moved, state.revision, entry)
    if opens:  # once more, should an archive have been closing v1 just before the move
        world.administration.allow_writes(Side.SOURCE)
    tell_move(world, moved)
    return stamped(world, moved, entry)


def _planned(world: World, state: ControlState, to: Phase, percent: int | None) -> Move | None:
    """Return the move with its guards; None for one that needs none (fewer readers on v2)."""
    refuse_undeclared(world, to, "to_phase")
    if to is not state.phase:
        return move_between(state.phase, to, world.migration.way)
    if not to.ramped or percent is None:
        raise InvalidInput(f"the migration is in {to} already", field="to_phase")
    return raises_share(world, state, percent) if percent > state.percent else None


def _share(world: World, to: Phase, percent: int | None) -> int:
    if to.ramped:
        return 100 if percent is None else percent
    ramp = next(phase for phase in world.migration.way if phase.ramped)
    return 100 if to.order > ramp.order else 0


def _begun(world: World, state: ControlState, actor: str) -> ControlState:
    """Return the state with tables, transform and baseline, at the first move from OFF."""
    if state.phase is not Phase.OFF:
        return state
    ids = {side: world.tables.describe(side).table_id for side in world.migration.tables}
    pinned = replace(
        state,
        digest=world.digest,
        source_id=ids[Side.SOURCE],
        target_id=ids.get(Side.TARGET, ""),
    )
    return with_baseline(world, pinned, actor)


def _is_there(world: World, state: ControlState, to: Phase, percent: int | None) -> bool:
    return state.phase is to and state.percent == _share(world, to, percent)


def _remember(world: World, run_id: str, state: ControlState) -> ControlState:
    run = load_run(world, run_id)
    if run.facts["epoch"] != state.epoch:  # else this is a move that was remembered before
        run = phase_measured(world, run, state)
    world.ledger.save(replace(run, phase=state.phase).with_facts(epoch=state.epoch))
    return state


def _entry(world: World, action: str, actor: str, reason: str, epoch: int = 0) -> AuditEntry:
    return AuditEntry(world.migration.name, world.clock.wall(), epoch, action, actor, reason)
