"""Which reads are compared in both tables: a share of them, without chance and within a bound."""

import hashlib
import threading
from collections.abc import Callable

from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.key import Key
from shared.model.phases import SHADOWED

Offer = Callable[[Key], None]
"""Takes a key that was read; returns at once and never raises: a request is waiting."""

_WHOLE = 2**64


class Sampler:
    """Offers the keys of a declared share of one process's reads.

    A key's fate is a hash of it and the second: over time every key has its turn, and a key
    that is read all the time is offered once in a second at most.
    """

    def __init__(self, world: World, offer: Offer) -> None:
        self._text = world.migration.source.keys.text
        self._declared = world.environment.shadow
        self._clock = world.clock
        self._offer = offer
        self._lock = threading.Lock()
        self._second = 0
        self._offered: set[str] = set()

    def saw(self, state: ControlState, key: Key) -> None:
        """Offer a key that is being read in a phase, if it is its turn."""
        if state.phase not in SHADOWED or not self._declared.share:
            return
        text, second = self._text(key), int(self._clock.wall())
        if _place(text, second) < self._declared.share and self._room(text, second):
            self._offer(key)

    def _room(self, text: str, second: int) -> bool:
        """Tell whether this second has room for one more key, and take it."""
        with self._lock:
            if second != self._second:
                self._second, self._offered = second, set()
            if text in self._offered or len(self._offered) >= self._declared.per_second:
                return False
            self._offered.add(text)
            return True


def _place(text: str, second: int) -> float:
    """Return where a key stands in a second, evenly between 0 and 1."""
    digest = hashlib.sha256(f"{second}|{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / _WHOLE
