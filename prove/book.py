"""What is true of a run beside what its actors know: both tables, the certificate, what happened.

The invariants of docs/protocol.md are checked here at every write, not only at the end.
"""

from collections.abc import Callable, Sequence

from prove import toy
from prove.scheduler import Violation
from prove.witness import Place, Witness
from shared.engine.shadow import ACTOR as SHADOW
from shared.engine.tripwire import ACTOR as TRIPWIRE
from shared.memory.world import MemoryParts
from shared.model.control import AuditEntry, ControlState
from shared.model.declaration import TableToTable
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import CERTIFIED, Phase, PhaseClass
from shared.model.runs import Run, RunKind
from shared.model.writes import Action, Put, Side

STAMPS = toy.MIGRATION.stamps
OUTSIDE = toy.OUTSIDE
NEED_PROOF = frozenset(
    {
        (PhaseClass.DUAL, PhaseClass.READ_N),
        (PhaseClass.READ_N, PhaseClass.READ_V2),
        (PhaseClass.READ_V2, PhaseClass.READ_N),
    }
)
"""The moves that need a certificate (rule 6 of docs/protocol.md, "Transitions")."""
SETTLED = toy.TIMING.settle + toy.TIMING.operation
"""Seconds after which nobody acts on an older class of phases, nor is under way by one."""
MOVING = 100.0
"""The most seconds between the look at a certificate and the move that it was looked at for."""


class Book(Witness):
    """The truth about one run, and the branches of the protocol that it went through."""

    def __init__(
        self,
        parts: MemoryParts[TableToTable],
        state: ControlState,
        *,
        now: Callable[[], float],
        late: Side | None = None,
        forgets: bool = False,
        outside: bool = False,
        up: Callable[[Item], Item] = toy.up,
    ) -> None:
        super().__init__(parts.store, state, now=now, late=late)
        self.parts = parts
        self._forgets = forgets
        self._rows = {toy.key_of(Side.TARGET, item): item for item in self._items(Side.TARGET)}
        self.outside = outside
        self.changes: list[tuple[Key, float]] = []
        """What the streams of both tables report: source keys, and when they were written."""
        self.up = up
        self._foreign: tuple[Key, str | None, str] | None = None
        self._tokens: set[str] = set()

    def before(self, places: Sequence[Place]) -> dict[Place, Item | None]:
        """Return what lies at some places."""
        return {(side, key): self._read(side, key) for side, key in places}

    # -- what happened

    def sent(self, actor: str, token: str) -> None:
        """Note that a transaction is sent, once or again."""
        if token in self._tokens:
            self.branches.add("lost answer resent" if actor[0] != "v" else "repair resent")
        self._tokens.add(token)

    def refused(self, actor: str, actions: Sequence[Action], failed: Sequence[int]) -> None:
        """Note which condition of a transaction did not hold."""
        who = "repair" if actor[0] == "v" else "write"
        for at in failed:
            what = "primary changed (CAS)" if at == 0 else "replica refused (REPL)"
            self.branches.add(f"{who}: {what}")
            if who == "write" and at == 1 and isinstance(actions[1], Put):
                self.branches.add("write: replica changed again (CAS of both)")

    def wrote(self, places: Sequence[Place]) -> None:
        """Hold a write against the invariants."""
        for side, key in places:
            own = key if side is Side.SOURCE else toy.source_key(key)
            self.changes.append((own, self.now()))
            if not self.outside and self.up is toy.up:
                self._one_content(own)
            if side is Side.TARGET:
                self._complete(key)
                self._noted(key)
            elif self.outside:
                self._untouched(key)
            if self._certified():
                self._alike(own)

    def moved(self, state: ControlState, audit: AuditEntry) -> None:
        """Hold a change of the control item against the invariants."""
        before, self.state = self.state, state
        disproved = before.certificate is not None and " is " in audit.reason
        if audit.actor in (TRIPWIRE, SHADOW) and disproved and not self.outside:
            raise Violation(f"the {audit.actor} voids a certificate for nothing: {audit.reason}")
        if before.phase is not state.phase or before.percent != state.percent:
            self.branches.add(f"{before.phase} → {state.phase}")
        if before.certificate is not None and state.certificate is None:
            self.branches.add("certificate void")
        if before.certificate is None and state.certificate is not None:
            self.branches.add("certificate granted")
            if self.now() < state.late_until:
                raise Violation("a certificate was granted while the streams are late")
        proven = (before.phase.group, state.phase.group) in NEED_PROOF and not self.outside
        if proven:
            self._young(before)
        if proven or self._certified():
            self.all_alike()

    def _young(self, state: ControlState) -> None:
        """Raise Violation when a move rests on a certificate that has long been too old."""
        age, certificate = toy.ENVIRONMENT.certificate_age, state.certificate
        if certificate is not None and self.now() - certificate.began_at > age + MOVING:
            raise Violation("a move rests on a certificate that is too old")

    def passed(self, run: Run) -> None:
        """Hold the end of a job against the invariants: what it disproved does not stand."""
        certificate, differs = self.state.certificate, run.counts.mismatched > run.counts.repaired
        if run.kind is not RunKind.VALIDATE or not differs or certificate is None:
            return
        if certificate.granted_at <= run.facts["begin_at"]:
            raise Violation("a pass found what differs, and yet a certificate from before stands")

    def closed(self) -> bool:
        """Tell whether v1 is closed for writes."""
        return self.parts.store.exists(Side.SOURCE) and self.parts.store.table(Side.SOURCE).denied

    def there(self, side: Side, name: str) -> bool:
        """Tell whether a table has a record."""
        key = Key(name) if side is Side.SOURCE else toy.target_key(Key(name))
        return self._read(side, key) is not None

    def wrote_outside(self, side: Side, name: str, value: str) -> None:
        """Note a write past the wrapper, which the table's stream reports as any other."""
        key = Key(name)
        self.changes.append((key, self.now()))
        if side is Side.TARGET:
            self._kept(toy.target_key(key))
            return
        item = self._read(side, key)
        self._foreign = (key, STAMPS.read(item).birth if item else None, value)

    def down(self, side: Side) -> bool:
        """Tell whether a table is out of order: the replica, while nobody needs it."""
        phase = self.state.phase
        return self.now() < self.dead_until and phase.follows and side is phase.primary.other

    def settled_in_detour(self) -> bool:
        """Tell whether every instance acts on an availability-first phase, long since."""
        now = self.now()
        long = now - self.state.class_change.in_force(now) > SETTLED
        return self.state.phase.follows and long

    def _certified(self) -> bool:
        """Tell whether a certificate speaks of the transform that is deployed."""
        certificate = self.state.certificate
        if certificate is None or self.outside:
            return False
        return self.up is toy.up or certificate.digest == "changed"

    def all_alike(self) -> None:
        """Raise Violation unless v2 is what v1 says, record by record."""
        keys = {toy.key_of(Side.SOURCE, item) for item in self._items(Side.SOURCE)}
        keys |= {toy.source_key(toy.key_of(Side.TARGET, item)) for item in self._items(Side.TARGET)}
        for key in keys:
            self._alike(key)

    def refuse_real_difference(self) -> None:
        """Raise Violation for a shadow read that really differs though only the wrapper wrote.

        In DUAL a backfill may have brought back a deleted row, which validation finds; from
        READ_N on there is none, and a replica that was left behind is none either.
        """
        moved = self.state.phase.group in (PhaseClass.READ_N, PhaseClass.READ_V2)
        if moved and not self.outside:
            raise Violation("a shadow read really differs though nobody wrote past the wrapper")

    def refuse_certificate_while_late(self) -> None:
        """Raise Violation when a certificate stands that the tripwire is too late to vouch for."""
        if self.state.certificate is not None and self.state.phase.group in CERTIFIED:
            raise Violation("the streams are late, and yet there is a certificate")

    def keep_foreign(self) -> None:
        """Raise Violation when what was written past the wrapper to v1 is gone from there."""
        if self._foreign is not None:
            self._untouched(self._foreign[0])

    def agree(self, key: Key, though: str) -> None:
        """Raise Violation unless both tables have the same write of a record, or neither has it."""
        source, target = self._read(Side.SOURCE, key), self._read(Side.TARGET, toy.target_key(key))
        left, right = (each and STAMPS.read(each) for each in (source, target))
        if (left and (left.version, left.birth)) != (right and (right.version, right.birth)):
            raise Violation(f"{though}, and yet v1 has {left} and v2 {right}")

    def _alike(self, key: Key) -> None:
        source, target = self._read(Side.SOURCE, key), self._read(Side.TARGET, toy.target_key(key))
        if source is None and target is None:
            return
        if source is None or target is None:
            present = "v2" if source is None else "v1"
            raise Violation(f"certified, and yet only {present} has {key.partition!s}")
        image = self.up(STAMPS.strip(source))
        own = STAMPS.strip(target)
        own.pop(toy.NOTE, None)
        if image != own:
            raise Violation(f"certified, and yet v2 has {own}, v1 says {image}")
        left, right = STAMPS.read(source), STAMPS.read(target)
        if (left.version, left.birth) != (right.version, right.birth):
            raise Violation(f"certified, and yet the stamps are {left} and {right}")

    def _one_content(self, key: Key) -> None:
        """Raise Violation when one version of one incarnation is not the same in both tables.

        v2 may still have what vanished from v1 while nobody kept it alike: validation finds that.
        """
        source, target = self._read(Side.SOURCE, key), self._read(Side.TARGET, toy.target_key(key))
        if source is None or target is None:
            return
        left, right = STAMPS.read(source), STAMPS.read(target)
        if (left.version, left.birth) != (right.version, right.birth):
            return
        image, own = self.up(STAMPS.strip(source)), STAMPS.strip(target)
        if any(own.get(name) != value for name, value in image.items()):
            raise Violation(f"version {left.version} is {own} in v2, and {image} by v1")

    def _untouched(self, key: Key) -> None:
        """Raise Violation when what code outside the wrapper wrote is gone from v1."""
        if self._foreign is None or self.state.phase.primary is not Side.SOURCE:
            return
        where, birth, value = self._foreign
        item = self._read(Side.SOURCE, where)
        if where != key or item is None or STAMPS.read(item).birth != birth:
            return
        if item.get(OUTSIDE) != value:
            raise Violation(f"what was written outside the wrapper is gone from v1: {item}")

    def _complete(self, key: Key) -> None:
        item = self._read(Side.TARGET, key)
        if item is not None and not item.keys() >= toy.REQUIRED:
            raise Violation(f"v2 has half a record: {item}")

    def _kept(self, key: Key) -> Item | None:
        """Remember a row of v2 as it is now."""
        item = self._read(Side.TARGET, key)
        if item is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = item
        return item

    def _noted(self, key: Key) -> None:
        """Raise Violation when a note was lost, or is that of another incarnation."""
        before, item = self._rows.get(key), self._kept(key)
        if item is None:
            return
        if before is None or toy.NOTE not in before:
            return
        same = STAMPS.read(before).birth == STAMPS.read(item).birth
        if same and toy.NOTE not in item and not self._forgets:
            raise Violation(f"the note is lost: {before} became {item}")
        if not same and item.get(toy.NOTE) == before[toy.NOTE]:
            raise Violation(f"a note outlived its record: {before} became {item}")

    def _read(self, side: Side, key: Key) -> Item | None:
        if side is Side.SOURCE and self.state.phase is Phase.DECOMMISSIONED:
            return None
        return self.parts.store.table(side).read(key)

    def _items(self, side: Side) -> list[Item]:
        return self.parts.store.items(side)
