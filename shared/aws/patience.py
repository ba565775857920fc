"""Waiting between attempts at what a store had no room for."""

from collections.abc import Iterator

from shared.model.errors import Throttled
from shared.ports import Clock

ATTEMPTS = 6
FIRST_WAIT = 0.05


def attempts(clock: Clock, what: str) -> Iterator[int]:
    """Yield attempt numbers with doubling waits (1.6 s in all), then raise Throttled.

    Short, because the caller works against the deadline of one operation; it has a policy of
    its own for what stays throttled.
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            clock.sleep(FIRST_WAIT * 2 ** (attempt - 1))
        yield attempt
    raise Throttled(f"{what}: still throttled after {ATTEMPTS} attempts")
