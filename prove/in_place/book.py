"""What is true of a run in place: the table, what upgrades did to it, and what phases allow.

Every write is held against the rules of docs/protocol.md when it is made. Who wrote shows by the
stamp: an upgrade and a restore keep version and birth, a caller's write counts the version.
"""

from collections.abc import Callable, Sequence

from prove import toy
from prove.in_place.toy import MIGRATION, OUTSIDE, fault, up, upgraded
from prove.scheduler import Violation
from prove.witness import Place, Witness
from shared.engine.in_place.snapshots import MARK
from shared.engine.shares import in_share
from shared.memory.world import MemoryParts
from shared.model.control import AuditEntry, ControlState
from shared.model.in_place import InPlace
from shared.model.item import Item, canonical, decode, same
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import FindingKind, Run, RunKind, RunStatus
from shared.model.stamp import Stamp
from shared.model.writes import Action, Side

STAMPS = MIGRATION.stamps
HELD_TO_OLD = frozenset({Phase.OFF, Phase.READ_BOTH})
"""The phases in which nothing becomes new."""


def new(item: Item) -> bool:
    """Tell whether a stored item is in the new shape."""
    return upgraded(STAMPS.strip(item))


def view(item: Item) -> Item:
    """Return what callers are told of a stored item."""
    own = STAMPS.strip(item)
    return own if upgraded(own) else up(own, ())


class InPlaceBook(Witness):
    """The truth about one run, and the branches of the protocol that it went through."""

    def __init__(
        self, parts: MemoryParts[InPlace], state: ControlState, *, now: Callable[[], float]
    ) -> None:
        super().__init__(parts.store, state, now=now)
        self.parts = parts
        self._moved_at = 0.0
        self.rows: dict[Key, Item] = {}
        self.lives: set[tuple[Key, str]] = set()
        self.contents: dict[tuple[Key, str | None, int], str] = {}
        for item in parts.store.items(Side.SOURCE):
            self._remember(MIGRATION.source.keys.key_of(item), item)

    def _remember(self, key: Key, item: Item) -> None:
        stamp = STAMPS.read(item)
        self.rows[key] = item
        self.lives.add((key, stamp.birth or ""))
        self.contents[key, stamp.birth, stamp.version] = self._told(item)

    # -- writes

    def sent(self, actor: str, token: str) -> None:
        """Refuse a transaction: within one table there is none."""
        raise AssertionError(f"{actor} sent a transaction to one table: {token}")

    def refused(self, actor: str, actions: Sequence[Action], failed: Sequence[int]) -> None:
        """Refuse the same."""
        raise AssertionError(f"{actor} sent {len(actions)} actions together, {failed} failed")

    def wrote(self, places: Sequence[Place]) -> None:
        """Hold a write against the invariants."""
        for side, key in places:
            before, after = self.rows.pop(key, None), self.store.table(side).read(key)
            if after is None:
                continue
            wrong = fault(STAMPS.strip(after))
            if wrong:
                raise Violation(f"{wrong}: {after}")
            if before is None:
                self._made(key, after)
            else:
                self._changed(key, before, after)
            self._one_content(key, after)
            self._remember(key, after)
            if self.state.certificate is not None and not new(after):
                raise Violation(f"certified, and yet in the old shape: {after}")
            self._none_new_where_none_may_be(after)

    def _made(self, key: Key, after: Item) -> None:
        """Hold the write of a record that was not there against the invariants."""
        stamp = STAMPS.read(after)
        if stamp.version != 1 or stamp.birth is None or (key, stamp.birth) in self.lives:
            raise Violation(f"a record came back: {after}")
        self._as_due(key, None, after)

    def _changed(self, key: Key, before: Item, after: Item) -> None:
        old, now = STAMPS.read(before), STAMPS.read(after)
        if old.birth != now.birth:
            raise Violation(f"another life was overwritten: {before} became {after}")
        if before.get(OUTSIDE) != after.get(OUTSIDE):
            raise Violation(f"what was written past the wrapper is lost: {before} became {after}")
        if now.version == old.version + 1:
            self._as_due(key, before, after)
        elif now.version != old.version:
            raise Violation(f"the version went from {old.version} to {now.version}")
        elif new(after) and not new(before):
            self._upgraded(before, after, now)
        elif new(before) and not new(after):
            self._restored(before, after, old)
        else:
            raise Violation(f"written without a new version: {before} became {after}")

    def _upgraded(self, before: Item, after: Item, stamp: Stamp) -> None:
        """Hold an upgrade against the invariants: its snapshot is there, and has the record."""
        self.branches.add("upgraded")
        long = toy.TIMING.settle + toy.TIMING.fence
        if self.state.phase in HELD_TO_OLD and self._since() + long < self.now():
            raise Violation(f"upgraded in {self.state.phase}: {after}")
        kept, was = self._snapshot(after, stamp.write), dict(before)
        if kept is not None and OUTSIDE not in kept:  # added past the wrapper since it was read
            was.pop(OUTSIDE, None)
        if canonical(kept) != canonical(was):
            raise Violation(f"upgraded without a snapshot of it: {before} became {after}")
        for item in self.rows.values():
            mark = STAMPS.read(item).write or ""
            if mark.startswith(MARK) and self._snapshot(item, mark) is None:
                raise Violation(f"the snapshot is gone of {item}")

    def _restored(self, before: Item, after: Item, old: Stamp) -> None:
        """Hold a way back against the invariants: byte-equal where nobody wrote since."""
        kept = self._snapshot(before, old.write)
        if kept is None:
            self.branches.add("lowered")
        elif self._untouched(before, kept):
            self.branches.add("restored")
            if canonical(after) != canonical(kept):
                raise Violation(f"restored to {after}, not to {kept}")

    def _as_due(self, key: Key, before: Item | None, after: Item) -> None:
        """Raise Violation when a caller's write left another shape than its phase asks for."""
        if (before is not None and new(before)) or self._since() + toy.TIMING.settle >= self.now():
            return
        phase = self.state.phase
        due = phase not in HELD_TO_OLD
        if phase is Phase.WRITE_NEW:
            due = in_share(str(key.partition), self.state.percent)
        self.branches.add("write: new shape" if due else "write: old shape")
        if due is not new(after):
            shape = "new" if new(after) else "old"
            raise Violation(f"a write in {phase} left the {shape} shape: {after}")

    def _one_content(self, key: Key, item: Item) -> None:
        """Raise Violation when one version of one life is told in two ways."""
        stamp = STAMPS.read(item)
        known = self.contents.get((key, stamp.birth, stamp.version))
        if known is not None and known != self._told(item):
            raise Violation(f"version {stamp.version} was {known}, and is {self._told(item)}")

    def _none_new_where_none_may_be(self, item: Item) -> None:
        if not new(item):
            return
        if self.state.phase is Phase.OFF:
            raise Violation(f"in the new shape in OFF: {item}")
        if self.state.phase is Phase.READ_BOTH and self.state.restored is not None:
            raise Violation(f"restored, and yet in the new shape: {item}")

    # -- moves and jobs

    def moved(self, state: ControlState, audit: AuditEntry) -> None:  # noqa: ARG002 the port's
        """Hold a change of the control item against the invariants."""
        before, self.state = self.state, state
        if before.phase is not state.phase or before.percent != state.percent:
            self.branches.add(f"{before.phase} → {state.phase}")
            self._moved_at = self.now()
        if before.certificate is None and state.certificate is not None:
            self.branches.add("certificate granted")
        if state.restored is not None and before.restored is None:
            self.branches.add("restored for good")
        if (before.phase, state.phase) == (Phase.VALIDATE, Phase.DONE):
            if before.certificate is None:
                raise Violation("DONE without a certificate")
            self._all_new("DONE")
        if state.certificate is not None:
            self._all_new("certified")
        for item in self.rows.values():
            self._none_new_where_none_may_be(item)

    def _all_new(self, though: str) -> None:
        for item in self.rows.values():
            if not new(item):
                raise Violation(f"{though}, and yet in the old shape: {item}")

    def ended(self, run: Run) -> None:
        """Hold the end of a restore against the invariants: whatever stayed is a conflict.

        Where writes still leave the new shape, there are others that nobody can have reported.
        """
        whole = run.kind is RunKind.RESTORE and run.params.get("keys") is None
        over = run.status in (RunStatus.SUCCEEDED, RunStatus.HELD)
        if not (whole and over and self.state.epoch == run.epoch):
            return
        told = {
            each.key
            for each in self.parts.ledger.findings(run.run_id)
            if each.kind is FindingKind.CONFLICT and not each.repaired
        }
        for key, item in self.rows.items():
            if new(item):
                self.branches.add("conflict")
                self._conflict(key, item, run, told)

    def _conflict(self, key: Key, item: Item, run: Run, told: set[str]) -> None:
        kept = self._snapshot(item, STAMPS.read(item).write)
        if kept is not None and self._untouched(item, kept):
            raise Violation(f"it was as upgraded, and yet not restored: {item}")
        if self.state.phase is not Phase.READ_BOTH:
            return
        if str(key.partition) not in told or run.status is not RunStatus.HELD:
            raise Violation(f"neither restored nor a conflict: {item}")

    # -- what is known

    def told_at_home(self, actor: str) -> bool:  # noqa: ARG002 the one table holds both shapes
        """Return False: there is no other table that knows more."""
        return False

    def wrote_outside(self, key: Key) -> None:
        """Note a write past the wrapper."""
        item = self.store.table(Side.SOURCE).read(key)
        if item is not None:
            self.rows[key] = item

    def shared(self) -> tuple[object, ...]:
        """Return what is known of the past, on which the judgement of the future depends."""
        return (frozenset(self.lives), frozenset(self.contents.items()))

    def _since(self) -> float:
        """Return when the last move took effect: its own time is from before it was written."""
        return max(self.state.since, self._moved_at)

    def _told(self, item: Item) -> str:
        seen = {name: value for name, value in view(item).items() if name != OUTSIDE}
        return repr(sorted(seen.items()))

    def _snapshot(self, item: Item, write: str | None) -> Item | None:
        """Return how the snapshot that an item names has it."""
        name = (write or "").removeprefix(MARK)
        if name == write or name not in self.parts.snapshots.documents:
            return None
        for each in self.parts.snapshots.load(name)["records"]:
            kept = decode(each["before"])
            if kept["id"] == item["id"]:
                return kept
        return None

    def _untouched(self, item: Item, kept: Item) -> bool:
        """Tell whether an upgraded item is as the upgrade of what was kept left it."""
        made = {**up(STAMPS.strip(kept), ()), **{n: item[n] for n in STAMPS.all if n in item}}
        return same(made, item)
