"""Readers that never stop: each read is noted with its time and its status."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from demo.stage import Stage

REST = 0.02


@dataclass(frozen=True, slots=True)
class Read:
    """One read: when it was asked for and answered (epoch seconds), and the answer's status."""

    asked: float
    answered: float
    status: int


class Readers:
    """Several readers of some records, through the deployed API, for as long as a block lasts."""

    def __init__(self, stage: Stage, paths: Sequence[str], count: int) -> None:
        self._stage = stage
        self._paths = paths
        self._token = stage.token()
        self._stop = threading.Event()
        self._reads: list[Read] = []
        self._threads = [
            threading.Thread(target=self._work, args=(number,), daemon=True)
            for number in range(count)
        ]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def reads(self) -> list[Read]:
        """Return all reads so far in the order of their answers."""
        return list(self._reads)

    def good_at_the_end(self) -> int:
        """Return how many of the newest reads were answered well, one after the other."""
        count = 0
        for each in reversed(self.reads()):
            if each.status != 200:
                break
            count += 1
        return count

    def _work(self, turn: int) -> None:
        while not self._stop.is_set():
            asked = time.time()
            path = self._paths[turn % len(self._paths)]
            status = self._stage.call("GET", path, self._token).status
            self._reads.append(Read(asked, time.time(), status))
            turn += 1
            time.sleep(REST)
