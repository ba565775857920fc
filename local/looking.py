"""A thread that looks at something again and again, as long as the server lives."""

import logging
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Looking:
    """Calls `look` every so many seconds; a look that fails is logged, and followed by the next."""

    def __init__(self, look: Callable[[], None], *, every: float, at: str) -> None:
        self._look = look
        self._every = every
        self._at = at
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name=at)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more; a look that is under way is waited for."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._look()
            except Exception:  # noqa: BLE001 - the thread's entry point: logged, and looked again
                _log.exception("a look at the %s failed", self._at)
