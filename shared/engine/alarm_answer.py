"""What is done when the alarm of a watched phase goes off: readers go home, nobody goes on.

In READ_N v1 is still the primary, so readers go home at once and need no proof. In READ_V2 they
need a fresh certificate; without one a validation with repair begins and a person is called, and
nothing is said to be rolled back that is not (rule 6 of docs/protocol.md, "Transitions").

Every step may be repeated: the hold names the event that it is for, a workflow is started under
the event's id, and the time of the last answered event is kept on the control item. So the same
event delivered twice, or late, or tried again after a crash half-way, has one effect.
"""

from dataclasses import replace
from enum import StrEnum
from typing import Any

from shared.engine.control_writes import change_control
from shared.engine.guards import missing
from shared.engine.locks import lock_name, under_way
from shared.engine.news import tell_alarm
from shared.engine.requester import ASKED
from shared.engine.world import World
from shared.model.alarms import AlarmEvent
from shared.model.control import AuditEntry, ControlState, Hold
from shared.model.errors import InvalidInput, Superseded
from shared.model.moves import Guard, move_between
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind

HOMES = (Phase.SHADOW_READ, Phase.READ_BOTH)
"""Where readers are at home: the last phase in which v1 answers them all, or in place the last
in which no write leaves the new shape."""


UNPROVEN = frozenset({Phase.READ_N, Phase.WRITE_NEW})
WATCHED = UNPROVEN | {Phase.VALIDATE}
"""Phases from which an alarm leads home without a proof; VALIDATE only in place."""


class Answer(StrEnum):
    """What an alarm led to; a hold keeps it, so that a second try does not decide anew."""

    ROLLBACK = "rollback"
    VALIDATION = "validation"
    NOTICE = "notice"
    NOTHING = "nothing"


def answer_alarm(world: World, event: AlarmEvent) -> Answer:
    """Answer an alarm that has gone off; an event that was answered before changes nothing.

    Raises StoreError when a workflow could not be started: try again with the same event.
    """
    if event.alarm != world.migration.watch_alarm:
        raise InvalidInput(f"{event.alarm} does not watch {world.migration.name}", field="alarm")
    before = world.control.read(world.migration.name)
    if event.at <= before.answered:
        return Answer.NOTHING
    state = _held(world, event)
    hold = state.hold if state.hold is not None and state.hold.event == event.id else None
    answer = Answer.NOTICE if hold is None else Answer(hold.answer)
    phase = state.phase if hold is None else hold.phase
    did, do = _begin(world, answer, phase, event)
    tell_alarm(world, event, phase, did, do)
    entry = _entry(world, event, "answer alarm", did)
    change_control(world, lambda now: replace(now, answered=max(now.answered, event.at)), entry)
    return answer


def acknowledge(world: World, *, actor: str, reason: str) -> ControlState:
    """Let the migration go forward again after an alarm that a person has looked at.

    Raises InvalidInput when nothing is held, and Superseded when another alarm came meanwhile.
    """
    name = world.migration.name
    seen = world.control.read(name).hold
    if seen is None:
        raise InvalidInput(f"no alarm holds {name}", field="--alarm", mend="there is nothing to do")

    def released(state: ControlState) -> ControlState:
        if state.hold != seen:
            raise Superseded(
                "another alarm came meanwhile, or somebody else has acknowledged this one",
                mend=f"look at `cutover status {name}`, then decide again",
            )
        return replace(state, hold=None)

    now, detail = world.clock.wall(), f"{seen.alarm} {seen.event}"
    entry = AuditEntry(name, now, 0, "acknowledge alarm", actor, reason, detail)
    return change_control(world, released, entry)


def _held(world: World, event: AlarmEvent) -> ControlState:
    """Hold the next move forward before anything else, so that no journey goes on meanwhile."""

    def held(state: ControlState) -> ControlState:
        if state.hold is not None and state.hold.event == event.id:
            return state
        answer = _answer(world, state)
        if answer is Answer.NOTICE:
            return state
        hold = Hold(event.alarm, event.id, event.at, state.phase, answer, event.reason)
        return replace(state, hold=hold)

    return change_control(world, held, _entry(world, event, "hold", "until it is acknowledged"))


def _answer(world: World, state: ControlState) -> Answer:
    """Return what the phase calls for; a move that has not settled is taken back without proof."""
    if state.phase in UNPROVEN or Phase.WRITE_NEW in world.migration.way:
        return Answer.ROLLBACK if state.phase in WATCHED else Answer.NOTICE
    if state.phase is not Phase.READ_V2:
        return Answer.NOTICE
    lacks = missing(world, state, move_between(Phase.READ_V2, Phase.READ_N))
    proven = Guard.CERTIFICATE not in [lack.guard for lack in lacks]
    return Answer.ROLLBACK if proven else Answer.VALIDATION


def _begin(world: World, answer: Answer, phase: Phase, event: AlarmEvent) -> tuple[str, str]:
    """Begin what the answer is, unless it is under way; return it in words, and what to do."""
    name = world.migration.name
    acknowledge_it = f'`cutover approve {name} --alarm --reason "…"` when you know why'
    match answer:
        case Answer.ROLLBACK:
            return (
                _roll_back(world, event),
                f"Watch {_moved(world)} come home, find the cause, then {acknowledge_it}.",
            )
        case Answer.VALIDATION:
            return (
                _validate(world, event),
                f"ACT NOW: readers are still on v2. Once the validation has ended well,"
                f" `cutover rollback {name} --to {home(world)}`; then {acknowledge_it}.",
            )
    return (
        f"nothing, as no alarm moves {_moved(world)} in {phase}",
        f"Find the cause. While the alarm lasts nothing goes forward. The way back:"
        f" `cutover rollback {name}`.",
    )


def _roll_back(world: World, event: AlarmEvent) -> str:
    """Start readers home, over a migrate and over a rollback that would stop before that."""
    other = under_way(world, lock_name(RunKind.ROLLBACK))
    if other is not None and _comes_home(world, other):
        return f"rollback {other.run_id}, which was under way, takes {_moved(world)} home"
    given = {
        "migration": world.migration.name,
        "to_phase": home(world).value,
        "reason": f"{event.alarm} went off",
    }
    _start(world, event, RunKind.ROLLBACK, given)
    return f"a rollback to {home(world)} was started"


def _validate(world: World, event: AlarmEvent) -> str:
    """Start a validation with repair, whose certificate opens the way back."""
    locks = (lock_name(RunKind.VALIDATE), lock_name(RunKind.ROLLBACK))
    at_work = [run for run in (under_way(world, lock) for lock in locks) if run is not None]
    other = next((run for run in at_work if run.kind is not RunKind.MIGRATE), None)
    if other is None:
        given = {"migration": world.migration.name, "repair": True}
        _start(world, event, RunKind.VALIDATE, given)
    begun = "a validation was started" if other is None else f"{other.kind} {other.run_id} goes on"
    return f"NOT rolled back, as there is no fresh certificate; {begun}"


def _start(world: World, event: AlarmEvent, kind: RunKind, given: dict[str, Any]) -> None:
    """Start a workflow, and leave word that it is the alarm that asks for it."""
    name = f"alarm-{event.id}"
    world.ledger.record(_entry(world, event, f"{ASKED} {kind}", name))
    world.executions.start(kind, given, name)


def _comes_home(world: World, run: Run) -> bool:
    goal = run.params.get("to_phase") if run.kind is RunKind.ROLLBACK else None
    return goal is not None and Phase(goal).order <= home(world).order


def home(world: World) -> Phase:
    """Return where an alarm takes a migration."""
    return next(phase for phase in HOMES if phase in world.migration.way)


def _moved(world: World) -> str:
    """Return who comes home: those who read v2, or in place those who write the new shape."""
    return "writers" if Phase.WRITE_NEW in world.migration.way else "readers"


def _entry(world: World, event: AlarmEvent, action: str, detail: str) -> AuditEntry:
    now = world.clock.wall()
    actor = f"alarm {event.alarm}"
    return AuditEntry(world.migration.name, now, 0, action, actor, event.reason, detail)
