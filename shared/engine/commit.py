"""How an operation commits: retries while it may, and answers for lost answers.

A transaction whose answer was lost is sent again with identical bytes and the same token;
a single write is recognised by the write id it left (docs/protocol.md, "Ambiguous results").
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.engine.lease import Operation
from shared.engine.world import World
from shared.model.errors import Contended, LeaseLost, OutcomeUnknown, StoreError, Throttled
from shared.model.metrics import Metric
from shared.model.writes import Action

FIRST_WAIT = 0.01
LONGEST_WAIT = 0.5

Answer = TypeVar("Answer")


class Patience:
    """Waits between tries, doubling, spread by a seed so that contenders part."""

    def __init__(self, world: World, seed: str) -> None:
        self._world = world
        self._seed = seed
        self._tries = 0

    def wait(self) -> None:
        """Wait longer than the last time."""
        self._tries += 1
        digest = hashlib.sha256(f"{self._seed}:{self._tries}".encode()).digest()
        spread = 0.5 + int.from_bytes(digest[:4], "big") / 2**33
        bound = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._tries, 8))
        self._world.clock.sleep(bound * spread)

    def blame(self, error: Contended | Throttled) -> None:
        """Count why a try was in vain."""
        if isinstance(error, Throttled):
            self._world.meter.add(Metric.THROTTLES)


def retry(world: World, operation: Operation, seed: str, once: Callable[[], Answer]) -> Answer:
    """Return what `once` returns, trying again while the store is busy and time is left."""
    patience = Patience(world, seed)
    while True:
        operation.check()
        try:
            return once()
        except (Contended, Throttled) as error:
            patience.blame(error)
            patience.wait()


def commit(world: World, operation: Operation, actions: Sequence[Action]) -> None:
    """Do all writes or none.

    Raises ConditionFailed, Contended or Throttled when nothing was written, and
    OutcomeUnknown when time ran out before the answer was known.
    """
    token = world.ids.new()
    patience = Patience(world, token)
    lost: StoreError | None = None
    while True:
        try:
            operation.check()
        except LeaseLost:
            if lost is not None:
                raise unknown() from lost
            raise
        try:
            return world.tables.write_together(actions, token)
        except OutcomeUnknown as error:
            lost = error
        except (Contended, Throttled) as error:
            if lost is None:
                raise
            patience.blame(error)
        patience.wait()


def unknown() -> OutcomeUnknown:
    """Return the error for a write whose effect could not be found out in time."""
    error = OutcomeUnknown("the answer was lost: the write may have taken effect")
    error.mend = "read the record before you repeat the request"
    return error
