"""Who syncs replicas: takes keys from the queue of the availability-first mode."""

from collections.abc import Sequence
from dataclasses import dataclass

from prove.scheduler import Actor
from shared.engine.sync import sync
from shared.engine.world import World, paired
from shared.memory.key_queue import MemoryKeyQueue
from shared.model.errors import CutoverError, RecordHeld


@dataclass(frozen=True, slots=True)
class Round:
    """One batch of a stream or queue: how long it is under way, and how many come again."""

    seconds: float
    again: int


class Follower:
    """The function that syncs the keys of the queue."""

    def __init__(self, branches: set[str], queue: MemoryKeyQueue) -> None:
        self._branches = branches
        self._queue = queue

    def live(self, actor: Actor, world: World, rounds: Sequence[Round]) -> None:
        """Take a few messages; one of them may come again."""
        for each in rounds:
            actor.sleep(each.seconds)
            actor.pause()
            self._take(world, keep=each.again > 0)

    def drain(self, world: World) -> None:
        """Take every message that is there once."""
        for _ in range(len(self._queue.keys)):
            if self._queue.keys:
                self._take(world, keep=False)

    def _take(self, world: World, *, keep: bool) -> None:
        if not self._queue.keys:
            return
        key = self._queue.keys.pop(0)
        if keep:
            self._queue.keys.append(key)
        try:
            done = sync(paired(world), key)
            self._branches.add("sync: mended" if done else "sync: nothing to do")
        except RecordHeld:
            self._branches.add("sync: held")
        except CutoverError:
            self._branches.add("sync: later")
            self._queue.keys.append(key)
