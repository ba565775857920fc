"""Parts of the engine in place without one of their rules."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import shared.engine.in_place.records as records
import shared.engine.in_place.snapshots as snapshots
import shared.engine.runs as runs
import shared.engine.segments as segments
from shared.engine.in_place.judging import judge
from shared.engine.in_place.shapes import Change, Shapes
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.errors import ConditionFailed, Contended, OutcomeUnknown
from shared.model.runs import Run, RunKind
from shared.model.writes import Condition, Equals, Every, Exists, Missing, Put, Side

_EXACTLY = Shapes.exactly


def cas(*parts: str) -> Callable[..., Condition]:
    """Return "exactly as read" without some of its parts."""

    def exactly(self: Shapes, seen: Any) -> Condition:
        names = {getattr(self.stamps, part) for part in parts if part != "existence"}
        whole = _EXACTLY(self, seen)
        kept = [
            each
            for each in getattr(whole, "parts", ())
            if not (isinstance(each, Equals | Missing) and each.name in names)
            and not (isinstance(each, Exists) and "existence" in parts)
        ]
        return Every(tuple(kept))

    return exactly


def marked(**changes: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return the marking of an upgraded record that changes its stamp as well."""

    def marked(self: Shapes, item: Any, write: str) -> Any:
        stamp = replace(self.stamps.read(item), write=write)
        stamp = replace(stamp, **{name: how(stamp) for name, how in changes.items()})
        return {**self.stamps.strip(item), **self.stamps.write_out(stamp)}

    return marked


def unsnapped(self: Any, changes: Sequence[Change]) -> list[Change]:
    """Mark changes and store nothing."""
    run_id, segment = self._place
    name = f"{snapshots.MARK}{run_id}/{segment}-{self._world.ids.new()[:13]}"
    return [Change(each.before, self._shapes.marked(each.after, name)) for each in changes]


_REAL_STORE = snapshots.SnapshotWriter.store


def overwritten(self: Any, changes: Sequence[Change]) -> list[Change]:
    """Store every snapshot of a segment in one document."""
    world = self._world
    try:
        self._world = replace(world, ids=_OneId())
        return _REAL_STORE(self, changes)
    finally:
        self._world = world


class _OneId:
    """Ids that are all the same."""

    def new(self) -> str:
        """Return the one id."""
        return "one"


def write_first(self: Any, operation: Any, segment: Any, changes: Sequence[Change]) -> list[Any]:
    """Make the changes, and store their snapshot when that is done."""
    writer = snapshots.SnapshotWriter(self._shapes, self._run.run_id, segment)
    name = f"{snapshots.MARK}{self._run.run_id}/{segment.name}-{self._world.ids.new()[:13]}"
    lost = []
    for change in changes:
        operation.check()
        marked = Change(change.before, self._shapes.marked(change.after, name))
        try:
            self._world.tables.write(self._shapes.update(marked))
        except (ConditionFailed, Contended, OutcomeUnknown):
            lost.append(marked)
    writer.store(changes)
    return lost


def bare(self: Any, operation: Any, segment: Any, changes: Sequence[Change]) -> list[Any]:
    """Make the changes over whatever is there."""
    for change in snapshots.SnapshotWriter(self._shapes, self._run.run_id, segment).store(changes):
        operation.check()
        self._world.tables.write(replace(self._shapes.update(change), condition=None))
    return []


def put_back(self: Any, change: Change) -> bool:
    """Put a record back over whatever is there."""
    self._world.tables.write(Put(Side.SOURCE, change.after))
    return True


def content_with(self: Any, change: Change) -> bool:
    """Take a lost race for won."""
    try:
        self._world.tables.write(self._shapes.update(change))
    except (ConditionFailed, Contended, OutcomeUnknown):
        return True
    return True


def found_anything(self: Any, operation: Any, key: Any, _write: str, error: Exception) -> Any:
    """Take whatever is there for one's own write."""
    return self.look(operation, key, error) or {}


def lowered_anyhow(self: Shapes, own: Any, lookups: Any) -> Any:  # noqa: ARG001 the engine's
    """Lower a record whatever the old shape cannot hold."""
    return self.migration.down(own)


def created_over(self: Any, operation: Any, key: Any, action: Put, own: Any) -> Any:
    """Create a record over whatever is there."""
    return _REAL_CREATED(self, operation, key, replace(action, condition=None), own)


_REAL_CREATED = records.InPlaceRecords._created


def begin_at(what: str) -> Callable[..., float]:
    """Return when work may begin, without one of the times that a restore waits for."""
    real: Callable[[World, Run, ControlState], float] = runs._begin_at

    def begin_at(world: World, run: Run, state: ControlState) -> float:
        if run.kind is not RunKind.RESTORE:
            return real(world, run, state)
        timing, now = world.environment.timing, world.clock.wall()
        waits = {"settle": state.settled_at(now, timing), "fence": state.quiet_at(now, timing)}
        return max([now, *(at for name, at in waits.items() if name != what)])

    return begin_at


_REAL_PROVEN = runs._proven


def proven_anywhen(world: Any, run: Any, state: ControlState) -> ControlState:
    """Take a restore for proof whatever moves there were meanwhile."""
    if run.kind is RunKind.RESTORE:
        run = replace(run, epoch=state.epoch)
    return _REAL_PROVEN(world, run, state)


_REAL_STALE = segments.refuse_stale


def stale_by_worker(state: ControlState, run: Any) -> None:
    """Let a backfill work in whatever phase it comes to."""
    _REAL_STALE(state, replace(run, phase=state.phase) if run.kind is RunKind.BACKFILL else run)


_REAL_MOVED = ControlState.moved


def moved_restored(self: ControlState, *given: Any) -> ControlState:
    """Move, and go on saying that nothing is in the new shape."""
    return replace(_REAL_MOVED(self, *given), restored=self.restored or "never upgraded")


def judged_leniently(shapes_: Shapes, stored: Any, lookups: Any) -> Any:
    """Find nothing wrong with records of the old shape."""
    return judge(shapes_, stored, lookups) if shapes_.upgraded(stored) else None
