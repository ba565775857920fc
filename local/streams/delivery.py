"""Gives one batch to a function until it is done, or given up: what Lambda's poller does.

A batch that fails is split where that is asked for, which counts as no retry; what is left of it
is tried again, and goes to the destination when the retries or the record's age are used up.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.lambdas.runtime_api import Outcome
from local.streams.events import age, sequence_number
from local.streams.settings import Settings
from local.streams.shards import Record

EXHAUSTED = "RetryAttemptsExhausted"
TOO_OLD = "MaximumRecordAgeExceeded"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0


@dataclass(frozen=True)
class Part:
    """Records that are delivered together, and how often that was tried again."""

    records: Sequence[Record]
    retries: int = 0


@dataclass(frozen=True)
class Delivery:
    """The way of one mapping's batches.

    `wait` pauses for some seconds and tells whether to go on; `give_up` takes records and why.
    """

    settings: Callable[[], Settings]
    invoke: Callable[[Sequence[Record]], Outcome]
    give_up: Callable[[Sequence[Record], str], None]
    wait: Callable[[float], bool]

    def deliver(self, records: Sequence[Record]) -> bool:
        """Return True when all records are done or given up, False when told to stop before."""
        left = deque([Part(records)])
        while left:
            part = left.popleft()
            done = self._done(part.records)
            if done == len(part.records):
                continue
            left.extendleft(reversed(self._again(part, done)))
            pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(part.retries, 8))
            if not self.wait(pause if left else 0.0):
                return False
        return True

    def _done(self, records: Sequence[Record]) -> int:
        """Tell how many of the first records the function has dealt with."""
        outcome = self.invoke(records)
        if outcome.error is not None:
            return 0
        return _first_failure(outcome.payload, records) if self.settings().partial else len(records)

    def _again(self, part: Part, done: int) -> list[Part]:
        """Return what follows a failure, in order: the rest, whole or split, or nothing."""
        settings, rest = self.settings(), part.records[done:]
        if settings.record_age is not None and age(rest[0]) > settings.record_age:
            return self._given_up(rest, TOO_OLD)
        if settings.bisect and done:
            return [Part(rest, part.retries)]
        if settings.bisect and len(rest) > 1:
            half = len(rest) // 2
            return [Part(rest[:half], part.retries), Part(rest[half:], part.retries)]
        if settings.retries is not None and part.retries >= settings.retries:
            return self._given_up(rest, EXHAUSTED)
        return [Part(rest, part.retries + 1)]

    def _given_up(self, records: Sequence[Record], reason: str) -> list[Part]:
        self.give_up(records, reason)
        return []


def _first_failure(payload: bytes, records: Sequence[Record]) -> int:
    """Return the place of the first record that a function reports as failed.

    What it does not understand is a failure of the whole batch, as on AWS.
    """
    answer = json.loads(payload or b"null")
    failures = (answer or {}).get("batchItemFailures") or []
    places = {sequence_number(record): place for place, record in enumerate(records)}
    return min(
        (places.get(str(one.get("itemIdentifier")), 0) for one in failures), default=len(records)
    )
