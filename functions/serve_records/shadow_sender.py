"""Hands sampled keys to the queue of shadow reads, beside the requests and never within one.

On Lambda nothing runs after the answer: the environment is frozen until the next request. So a
thread sends while this request is being answered, or goes on with the next one. A request never
waits for it. What is lost is a sample: a key that found no room, could not be sent, or was still
waiting when the environment ended. The first two are counted.
"""

import threading
from queue import Empty, Full, Queue

from functions.entry import logger
from shared.engine.meter import Meter
from shared.model.key import Key
from shared.model.metrics import Metric
from shared.ports import KeyQueue

ROOM = 100
"""Keys that may wait to be sent: beyond it the queue is slower than the sampling."""
BATCH = 10


class ShadowSender:
    """One process's keys on their way to the queue; its thread starts with the first one."""

    def __init__(self, queue: KeyQueue, meter: Meter) -> None:
        self._queue = queue
        self._meter = meter
        self._waiting: Queue[Key] = Queue(ROOM)
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def offer(self, key: Key) -> None:
        """Take a key to be sent soon; one without room is counted and left."""
        try:
            self._waiting.put_nowait(key)
        except Full:
            self._meter.add(Metric.SHADOW_NOT_SENT)
            return
        self._start()

    def _start(self) -> None:
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="shadow", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._send([self._waiting.get(), *self._more()])

    def _more(self) -> list[Key]:
        """Return what waits already, up to one batch with the key in hand."""
        found: list[Key] = []
        while len(found) < BATCH - 1:
            try:
                found.append(self._waiting.get_nowait())
            except Empty:
                break
        return found

    def _send(self, keys: list[Key]) -> None:
        try:
            self._queue.ask(keys)
        except Exception as error:  # noqa: BLE001 - the thread's entry point: logged and counted
            # its text may name a key, so only its class goes to logs
            logger().warning("sampled reads were not sent", error=type(error).__name__)
            self._meter.add(Metric.SHADOW_NOT_SENT, len(keys))
