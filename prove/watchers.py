"""Who writes past the wrapper, and the tripwire that is there to find it.

The tripwire reads both tables' streams in batches, late, and some records twice.
"""

from collections.abc import Sequence

from prove import toy
from prove.book import Book
from prove.follower import Round
from prove.scheduler import Actor
from shared.engine.lag import heed_lag
from shared.engine.shadow import ShadowReads
from shared.engine.tripwire import examine, suspects
from shared.engine.world import PairedWorld
from shared.model.errors import CutoverError
from shared.model.key import Key
from shared.model.phases import Phase, PhaseClass
from shared.model.shadow import ShadowResult
from shared.model.writes import Delete, Put, Side, Update
from shared.ports import Tables

BATCH = 3
"""Stream records that come at once, beside those that come again."""


class Tripwire:
    """The function that watches both streams; the keys it is given may be shadow reads as well."""

    def __init__(self, book: Book, *, shadows: bool = False) -> None:
        self._book = book
        self._shadows = shadows
        self._seen = 0
        self._failed: list[tuple[Key, float]] = []

    def live(self, actor: Actor, world: PairedWorld, rounds: Sequence[Round]) -> None:
        """Read a few batches."""
        for each in rounds:
            actor.sleep(each.seconds)
            actor.pause()
            self._watch(world, each.again, BATCH)

    def drain(self, world: PairedWorld) -> None:
        """Read all that is left."""
        for _ in range(5):
            self._watch(world, BATCH, len(self._book.changes))
            if not self._failed:
                return

    def _watch(self, world: PairedWorld, again: int, more: int) -> None:
        """Handle a batch, as the function does; what fails comes again."""
        first = max(0, self._seen - again)
        batch = [*self._failed, *self._book.changes[first : self._seen + more]]
        self._seen = min(self._seen + more, len(self._book.changes))
        self._failed = []
        if not batch:
            return
        keys = [key for key, _ in batch]
        try:
            oldest = min(at for _, at in batch)
            if heed_lag(world, oldest):
                self._book.branches.add("tripwire: late")
                self._book.refuse_certificate_while_late()
            doubtful = suspects(world, keys)
        except CutoverError:
            self._failed = batch
            return
        if self._shadows:
            self._compare(world, keys)
        for key, at in dict(batch).items():
            if key in doubtful:
                self._examine(world, key, at)

    def _compare(self, world: PairedWorld, keys: Sequence[Key]) -> None:
        """Compare keys as the function of shadow reads does; a batch that fails comes no more."""
        try:
            reads = ShadowReads(world, keys)
            for key in keys:
                result = reads.explain(key)
                if result is not None:
                    self._book.branches.add(f"shadow read: {result}")
                if result is ShadowResult.REAL:
                    self._book.refuse_real_difference()
            reads.count()
        except CutoverError as error:
            self._book.branches.add(f"shadow read met {type(error).__name__}")

    def _examine(self, world: PairedWorld, key: Key, at: float) -> None:
        try:
            found = examine(world, key)
        except CutoverError:
            self._failed.append((key, at))
            return
        if found is not None:
            self._book.branches.add("tripwire: mended" if found.repaired else "tripwire: reported")


class Rogue:
    """Code that writes past the wrapper: to v1 as old code does, or to v2."""

    def __init__(self, book: Book, tables: Tables) -> None:
        self._book = book
        self._tables = tables

    def write(self, how: str, name: str, value: str) -> bool:
        """Write where callers of the service cannot tell; return False where they could."""
        state, place = self._book.state, toy.target_key(Key(name))
        if how == "v1":
            if state.phase.primary is not Side.SOURCE or not self._book.there(Side.SOURCE, name):
                return False
            self._tables.write(Update(Side.SOURCE, Key(name), {toy.OUTSIDE: value}))
            self._book.wrote_outside(Side.SOURCE, name, value)
            return True
        home = state.phase is Phase.OFF or state.phase.group is PhaseClass.DUAL
        if not home or self._book.there(Side.TARGET, name) is (how == "v2 new"):
            return False
        if how == "v2 new":
            made = {**toy.person(name, name="nobody's", kind="record"), toy.OUTSIDE: value}
            self._tables.write(Put(Side.TARGET, made))
        elif how == "v2":
            self._tables.write(Update(Side.TARGET, place, {toy.OUTSIDE: value}))
        else:
            self._tables.write(Delete(Side.TARGET, place))
        self._book.wrote_outside(Side.TARGET, name, value)
        return True
