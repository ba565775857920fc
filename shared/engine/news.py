"""Word to the people who watch a migration: what happened, where to look, what to do.

Nothing of a record gets in, not even its key, and no free text that a person wrote: the topic's
subscribers may be anybody. Telling never stops the work: what could not be told is in the log.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.engine.count_names import count_name
from shared.engine.world import World
from shared.model.alarms import AlarmEvent
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import StoreError
from shared.model.in_place import InPlace
from shared.model.phases import Phase
from shared.model.runs import Run, RunKind, RunStatus, Segment, instant

TENTHS = 10
LOOKS = 50
"""How often, about, a job's progress is looked up while it works: each look reads all segments."""
UNTOLD = "could not notify"
COUNTED = ("written", "ambiguous", "failed", "mismatched", "repaired")


@dataclass(frozen=True, slots=True)
class News:
    """One notification, in three parts; the subject is short and plain."""

    subject: str
    happened: str
    look: Sequence[str]
    do: str


def tell(world: World, news: News) -> bool:
    """Publish news; a failure is recorded in the audit log, and the work goes on."""
    name = world.migration.name
    body = "\n".join(
        [
            news.happened,
            "",
            "Where to look:",
            *(f"  {each}" for each in (*news.look, f"the dashboard cutover-{name}")),
            "",
            "What to do:",
            f"  {news.do}",
            "",
            f"{world.migration.title}, {world.environment.name}, {world.environment.region}",
        ]
    )
    try:
        world.notifications.publish(f"cutover {name}: {news.subject}", body)
    except StoreError as error:
        now = world.clock.wall()
        reason = f"{type(error).__name__}: {error.message}"
        world.ledger.record(AuditEntry(name, now, 0, UNTOLD, "cutover", reason, news.subject))
        return False
    return True


# -- journeys and jobs


def tell_start(world: World, run: Run) -> None:
    """Tell that a journey or a job of its own has begun."""
    if not _routine(run):
        goal = run.params.get("until") or run.params.get("to_phase")
        aim = f", on its way to {goal}" if goal else ""
        _tell_of(
            world,
            run,
            f"{run.kind} has started",
            f"The {run.kind} {run.run_id} has started in {run.phase}{aim}.",
            "Nothing now. The next word comes at a gate, at each tenth of a job, and at the end.",
        )


def tell_progress(world: World, run: Run, segment: Segment) -> None:
    """Tell that a job has reached another tenth, when the end of this segment may have made it so.

    Segments are about equally large, as DynamoDB spreads records by a hash of their keys.
    """
    if _routine(run) or segment.number % max(1, segment.total // LOOKS):
        return
    segments = world.ledger.segments(run.run_id)
    done = sum(each.done for each in segments)
    tenth = done * TENTHS // len(segments)
    if not 0 < tenth < TENTHS or not world.ledger.claim(run.run_id, f"tenth-{tenth}"):
        return
    scanned = sum(each.counts.scanned for each in segments)
    _tell_of(
        world,
        run,
        f"{run.kind} at {tenth * 10} per cent",
        f"The {run.kind} {run.run_id} has done {tenth * 10} %: {done} of {len(segments)} segments,"
        f" {scanned} records looked at.",
        "Nothing, as long as the application is well.",
    )


def tell_end(world: World, run: Run) -> None:
    """Tell how a journey or job ended; of a routine one only when somebody must look."""
    held = run.status is RunStatus.HELD
    if run.facts.get("parent") or (_routine(run) and not held):
        return
    if held:
        do = _decide(world, run)
    else:
        do = "Nothing: what comes next and until when is in the status."
    _tell_of(
        world,
        run,
        f"{run.kind} {'is HELD: a person must act' if held else f'ended: {run.status}'}",
        f"The {run.kind} {run.run_id} ended as {run.status} in {run.phase}:"
        f" {_counted(world, run)}.",
        do,
    )


def tell_failure(world: World, run: Run, error: str) -> None:
    """Tell that a journey or a job of its own failed; its text may name a record, so it is left."""
    if run.facts.get("parent") or not world.ledger.claim(run.run_id, f"failed-{run.attempt}"):
        return  # of a step that is tried again nobody is told twice
    again = "start it again" if run.kind in (RunKind.MIGRATE, RunKind.ROLLBACK) else "resume it"
    _tell_of(
        world,
        run,
        f"{run.kind} FAILED",
        f"The {run.kind} {run.run_id} failed in {run.phase} with {error}. Readers and writers go on"
        " as before.",
        f"Read the report's cause, mend it, then {again}.",
    )


# -- phases


def tell_move(world: World, state: ControlState) -> None:
    """Tell that the migration is in another phase, or that its ramp has moved another share."""
    ramps = world.migration.ramps
    tell(
        world,
        News(
            f"now in {state.phase}, {state.percent} per cent of {ramps}",
            f"{state.migration} was moved to {state.phase}: {state.percent} % of {ramps}.",
            _commands(state.migration),
            f"Nothing. The way back: `cutover rollback {state.migration}`.",
        ),
    )


def tell_alarm(world: World, event: AlarmEvent, phase: Phase, did: str, do: str) -> None:
    """Tell that an alarm has gone off, and what was begun because of it."""
    tell(
        world,
        News(
            f"ALARM in {phase}: {did}",
            f"{event.alarm} went off at {instant(event.at)} while {world.migration.name} was in"
            f" {phase}. Because of that: {did}. CloudWatch says: {event.reason or 'nothing'}",
            _commands(world.migration.name),
            do,
        ),
    )


def tell_gate(world: World, run: Run, gate: Phase, *, by_two: bool) -> None:
    """Tell that a journey waits for a person's approval, or for that of two."""
    name = run.migration
    table = " --table NAME-OF-V1" if gate is Phase.DECOMMISSIONED else ""
    both = " Nobody knows who that was: two people approve it." if by_two else ""
    _tell_of(
        world,
        run,
        f"approval wanted for {gate}",
        f"The {run.kind} {run.run_id} waits for somebody to approve {gate}. Everything else that"
        " the move needs is there, or is met after the approval.",
        f'Look, then `cutover approve {name} {gate}{table} --reason "…"`, if you are not the one'
        f" who asked for it.{both}",
    )


def _tell_of(world: World, run: Run, subject: str, happened: str, do: str) -> None:
    look = (*_commands(run.migration), f"cutover report {run.migration} {run.run_id}")
    tell(world, News(subject, happened, look, do))


def _counted(world: World, run: Run) -> str:
    in_place = isinstance(world.migration, InPlace)
    told = [f"{run.counts.scanned} records looked at"]
    for name in COUNTED:
        called = count_name(name, run.kind, in_place=in_place)
        told.append(f"{getattr(run.counts, name)} {called}")
    return ", ".join(told)


def _decide(world: World, run: Run) -> str:
    """Return what a person does about a run that is held."""
    look = f"`cutover report {run.migration}` shows what is held and why; "
    if run.kind is RunKind.ROLLBACK and isinstance(world.migration, InPlace):
        return (
            f"{look}leave the conflicts as they are, or bring them back as well:"
            f" `cutover rollback {run.migration} --to {Phase.OFF}`."
        )
    if run.counts.ambiguous:
        look += f"`cutover review {run.migration}` has the records in doubt; "
    return f"{look}decide, then start it again."


def _commands(name: str) -> tuple[str, ...]:
    return (f"cutover status {name}", f"cutover log {name}")


def _routine(run: Run) -> bool:
    """Tell whether a run is only a look, such as the renewal of the certificate twice a day."""
    return run.kind is RunKind.VALIDATE and not run.params.get("repair")
