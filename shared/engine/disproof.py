"""What becomes of a record that differs in both tables at one moment, whoever came upon it.

The wrapper writes both tables in one transaction. So once a certificate was granted, a pair that
differs at one moment disproves it: somebody wrote past the wrapper. The certificate is void,
and the finding is on record with its key, fields and versions.

Safe to repeat: every look is at the tables as they are now.
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
from shared.engine.world import PairedWorld
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import (
    ConditionFailed,
    Contended,
    InvalidInput,
    OutcomeUnknown,
    Superseded,
    Throttled,
)
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import CERTIFIED
from shared.model.runs import Finding
from shared.model.writes import Side

TRIES = 5
"""How often a record that keeps changing is looked at before it is left for later."""

Pair = dict[Side, Item | None]


def watched(world: PairedWorld, state: ControlState) -> bool:
    """Tell whether the wrapper keeps both tables alike, and the first copy is complete.

    While a move settles, instances may still act on the phase before: it must do so as well.
    """
    now = world.clock.wall()
    settled = now >= state.settled_at(now, world.environment.timing)
    return (
        state.phase.group in CERTIFIED
        and (settled or state.previous.group in CERTIFIED)
        and state.backfilled is not None
        and state.digest in ("", world.digest)
    )


def differing(world: PairedWorld, state: ControlState, keys: Iterable[Key]) -> list[Key]:
    """Return the keys whose records seem to differ, each once; a write in flight may be one.

    Each table is read by itself, so that most keys cost two plain reads and no transaction.
    """
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


def begin_look(world: PairedWorld) -> Operation:
    """Begin an operation on the phase as it is now, not as some lease remembers it."""
    timing = world.environment.timing
    lease = PhaseLease(world.control, world.clock, world.migration.name, timing, world.tables)
    return lease.operation(timing.worker_operation)


def read_together(world: PairedWorld, key: Key) -> Pair:
    """Return a record's items in both tables as they were at one moment."""
    places = pair(world.migration, key)
    return dict(zip(Side, world.tables.get_together(places), strict=True))


def disprove(world: PairedWorld, key: Key, actor: str, *, always: bool = False) -> Finding | None:
    """Look at a record at one moment; return what was found and what became of it.

    Without a certificate there is nothing to disprove: then nothing is on record, but `always`.
    Raises Contended when the record changes all the time: look again later.
    """
    found: Finding | None = None
    patience = Patience(world, world.migration.source.keys.text(key))
    for _ in range(TRIES):
        operation = begin_look(world)
        state, stored = operation.state, read_together(world, key)
        mismatch = _judge(world, state, key, stored)
        if mismatch is None:
            return found and _close(world, state, found, repaired=True)
        always = always or state.certificate is not None  # also if the void's answer is lost
        try:
            found = found or _open(world, state, describe(world, key, mismatch, stored, actor))
            if world.migration.tripwire == "report":
                return _report(world, state, found, always=always)
            authority = state.phase.primary
            repaired = repair(world, operation, key, stored, authority, excluded=False)
        except (ConditionFailed, Contended, OutcomeUnknown, Superseded, Throttled):
            patience.wait()
            continue
        return _close(world, state, found, repaired=repaired)
    raise Contended("the record changes faster than it can be compared")


def describe(world: PairedWorld, key: Key, mismatch: Mismatch, stored: Pair, actor: str) -> Finding:
    """Return a mismatch as a finding of an actor, with the versions of both sides."""
    versions = ", ".join(
        f"{name} {_version(world, stored[side])}"
        for side, name in ((Side.SOURCE, "v1"), (Side.TARGET, "v2"))
    )
    return Finding(
        run_id=actor,
        key=world.migration.source.keys.text(key),
        kind=mismatch.kind,
        reason=f"{mismatch.reason} ({versions})",
        field=mismatch.field,
        differences=mismatch.differences,
        record=stored[Side.SOURCE] or stored[Side.TARGET],
    )


def file_finding(world: PairedWorld, state: ControlState, found: Finding, action: str) -> None:
    """Store the record as it was found, and point to it from the audit log."""
    actor = found.run_id
    name = hashlib.sha256(found.key.encode()).hexdigest()[:16]
    document = {"migration": state.migration, "phase": state.phase, **finding_document(found)}
    place = f"reports/{state.migration}/{actor.replace(' ', '-')}-{state.revision}-{name}.json"
    uri = world.archive.store(place, document)
    world.ledger.record(_entry(world, state, action, found, uri))


def _judge(world: PairedWorld, state: ControlState, key: Key, stored: Pair) -> Mismatch | None:
    if not watched(world, state) or Exclusions(world).holds(state, key):
        return None
    source, target = stored[Side.SOURCE], stored[Side.TARGET]
    return compare(world.migration, source, target, state.phase.primary)


def _version(world: PairedWorld, stored: Item | None) -> str:
    if stored is None:
        return "absent"
    try:
        return f"at version {world.migration.stamps.read(stored).version}"
    except InvalidInput:
        return "at no version"


def _open(world: PairedWorld, state: ControlState, found: Finding) -> Finding:
    """Void the certificate before anything is mended, so that a crash cannot leave it standing."""
    if state.certificate is not None:
        _void(world, state, found)
    return found


def _void(world: PairedWorld, judged: ControlState, found: Finding) -> None:
    """Void the certificate; raise Superseded when the phase is no longer the one judged by."""

    def voided(state: ControlState) -> ControlState:
        if state.epoch != judged.epoch:
            raise Superseded("the migration was moved while a record was compared")
        return state.voided()

    entry = _entry(world, judged, "void certificate", found, found.reason)
    change_control(world, voided, entry)


def _report(
    world: PairedWorld, state: ControlState, found: Finding, *, always: bool
) -> Finding | None:
    """Put a difference on record where it disproved a certificate; None where there was none."""
    if state.certificate is None and not always:
        return None
    file_finding(world, state, found, "report record")
    return found


def _close(world: PairedWorld, state: ControlState, found: Finding, *, repaired: bool) -> Finding:
    """Put on record what became of a finding; what nobody can decide lets no pass be proof."""
    found = replace(found, repaired=repaired)
    if not repaired:
        _void(world, state, found)
    file_finding(world, state, found, "mend record" if repaired else "hold record")
    return found


def _entry(
    world: PairedWorld, state: ControlState, action: str, found: Finding, detail: str
) -> AuditEntry:
    return AuditEntry(
        migration=state.migration,
        at=world.clock.wall(),
        epoch=state.epoch,
        action=action,
        actor=found.run_id,
        reason=f"{found.key} is {found.kind}",
        detail=detail,
    )
