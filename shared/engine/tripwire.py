"""The tripwire: finds writes that went around the wrapper, by what the tables' streams report.

A stream cannot tell whose write a record is, so each key it names is compared in both tables,
in the phases in which the wrapper keeps them alike. There it writes both in one transaction, and
a pair read at one moment differs for one reason only once a certificate was granted: somebody
wrote past the wrapper. The certificate is then void, and the difference is on record; the next
validation with repair makes the replica what the phase's primary says. A migration may declare
that it is mended at once instead.

Before a certificate a pair may also differ because a backfill brought back a deleted record, or
because v1 was not written for a while: nothing is void then, and validation will find it.

Safe to repeat: every look is at the tables as they are now, so late and repeated records of a
stream show what was mended long ago.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from shared.engine.commit import Patience
from shared.engine.compare import Mismatch, compare
from shared.engine.control_writes import change_control
from shared.engine.exclusions import Exclusions
from shared.engine.images import pair
from shared.engine.lease import Operation, PhaseLease
from shared.engine.repair import repair
from shared.engine.reports import finding_document
from shared.engine.world import World
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown, Superseded, Throttled
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import CERTIFIED
from shared.model.runs import Finding
from shared.model.writes import Side

TRIES = 5
"""How often a record that keeps changing is looked at before its stream brings it again."""

ACTOR = "tripwire"

Pair = dict[Side, Item | None]


def suspects(world: World, keys: Iterable[Key]) -> list[Key]:
    """Return the keys whose records seem to differ, each once; a write in flight may be one."""
    state = world.control.read(world.migration.name)
    if not _watched(world, state):
        return []
    excluded = Exclusions(world).keys(state)
    text, target_key = world.migration.source.keys.text, world.migration.target_key
    moving = [key for key in dict.fromkeys(keys) if text(key) not in excluded]
    sources = world.tables.get_many(Side.SOURCE, moving)
    targets = world.tables.get_many(Side.TARGET, [target_key(key) for key in moving])
    return [
        key
        for key, source, target in zip(moving, sources, targets, strict=True)
        if compare(world.migration, source, target, state.phase.primary) is not None
    ]


def examine(world: World, key: Key) -> Finding | None:
    """Look at a suspect at one moment; return what was found and what became of it.

    Raises Contended when the record changes all the time: look again later.
    """
    found: Finding | None = None
    patience = Patience(world, world.migration.source.keys.text(key))
    for _ in range(TRIES):
        operation = _operation(world)
        stored = _read(world, key)
        mismatch = _judge(world, operation.state, key, stored)
        if mismatch is None:
            return found and _close(world, operation.state, found, repaired=True)
        try:
            found = found or _open(world, operation.state, key, mismatch, stored)
            if world.migration.tripwire == "report":
                return _report(world, operation.state, found)
            authority = operation.state.phase.primary
            repaired = repair(world, operation, key, stored, authority, excluded=False)
        except (ConditionFailed, Contended, OutcomeUnknown, Superseded, Throttled):
            patience.wait()
            continue
        return _close(world, operation.state, found, repaired=repaired)
    raise Contended("the record changes faster than it can be compared")


# -- what is watched


def _watched(world: World, state: ControlState) -> bool:
    """Tell whether the wrapper keeps both tables alike, and the first copy is complete.

    While a move settles, instances may still act on the phase before: it must do so as well.
    """
    settled = world.clock.wall() >= state.settled_at(world.environment.timing)
    return (
        state.phase.group in CERTIFIED
        and (settled or state.previous.group in CERTIFIED)
        and state.backfilled is not None
        and state.digest in ("", world.digest)
    )


def _operation(world: World) -> Operation:
    """Begin an operation on the phase as it is now, not as some lease remembers it."""
    timing = world.environment.timing
    lease = PhaseLease(world.control, world.clock, world.migration.name, timing, world.tables)
    return lease.operation(timing.worker_operation)


def _read(world: World, key: Key) -> Pair:
    places = pair(world.migration, key)
    return dict(zip(Side, world.tables.get_together(places), strict=True))


def _judge(world: World, state: ControlState, key: Key, stored: Pair) -> Mismatch | None:
    if not _watched(world, state) or Exclusions(world).holds(state, key):
        return None
    source, target = stored[Side.SOURCE], stored[Side.TARGET]
    return compare(world.migration, source, target, state.phase.primary)


# -- what is done about it


def _open(world: World, state: ControlState, key: Key, mismatch: Mismatch, stored: Pair) -> Finding:
    """Void the certificate before anything is mended, so that a crash cannot leave it standing."""
    found = Finding(
        run_id=ACTOR,
        key=world.migration.source.keys.text(key),
        kind=mismatch.kind,
        reason=mismatch.reason,
        field=mismatch.field,
        differences=mismatch.differences,
        record=stored[Side.SOURCE] or stored[Side.TARGET],
    )
    if state.certificate is not None:
        _void(world, state, found)
    return found


def _void(world: World, judged: ControlState, found: Finding) -> None:
    """Void the certificate; raise Superseded when the phase is no longer the one judged by."""

    def voided(state: ControlState) -> ControlState:
        if state.epoch != judged.epoch:
            raise Superseded("the migration was moved while a record was compared")
        return state.voided()

    entry = _entry(world, judged, "void certificate", found, found.reason)
    change_control(world, voided, entry)


def _report(world: World, state: ControlState, found: Finding) -> Finding | None:
    """Put a difference on record where it disproved a certificate; None where there was none."""
    if state.certificate is None:
        return None
    _file(world, state, found, "report record")
    return found


def _close(world: World, state: ControlState, found: Finding, *, repaired: bool) -> Finding:
    """Put on record what became of a finding; what nobody can decide lets no pass be proof."""
    found = replace(found, repaired=repaired)
    if not repaired:
        _void(world, state, found)
    _file(world, state, found, "mend record" if repaired else "hold record")
    return found


def _file(world: World, state: ControlState, found: Finding, action: str) -> None:
    """Store the record as it was found, and point to it from the audit log."""
    name = hashlib.sha256(found.key.encode()).hexdigest()[:16]
    document = {"migration": state.migration, "phase": state.phase, **finding_document(found)}
    uri = world.archive.store(
        f"reports/{state.migration}/{ACTOR}-{state.revision}-{name}.json", document
    )
    world.ledger.record(_entry(world, state, action, found, uri))


def _entry(
    world: World, state: ControlState, action: str, found: Finding, detail: str
) -> AuditEntry:
    return AuditEntry(
        migration=state.migration,
        at=world.clock.wall(),
        epoch=state.epoch,
        action=action,
        actor=ACTOR,
        reason=f"{found.key} is {found.kind}",
        detail=detail,
    )
