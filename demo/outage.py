"""v2 breaks while all reads are on it, until readers have come home; and what that cost them."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import urllib3

from demo.readers import Read, Readers
from demo.stage import Stage
from shared.model.item import Item, decode

READERS = 8
BEFORE = 40
"""Good reads that are awaited before v2 breaks."""
ENOUGH = 40
"""Reads that go well after the last failed one, at least, with v2 still broken."""
LIMIT = 90.0


@dataclass(frozen=True, slots=True)
class Outage:
    """What was seen from the fault to the last failed read; times are seconds after the fault.

    `alarm` is when the alarm went off, `move` when readers were told to go home, `last` when the
    last failed read was answered; `after` are the reads asked for after that, with v2 still broken.
    """

    reads: int
    failed: int
    alarm: float
    move: float
    last: float
    after: list[Read]

    @property
    def text(self) -> str:
        """Return the figures in one line."""
        return (
            f"{self.failed} of {self.reads} reads failed in {self.last:.1f} s: the alarm went off"
            f" after {self.alarm:.1f} s, readers were sent home after {self.move:.1f} s"
        )


def break_v2(stage: Stage, paths: Sequence[str]) -> Outage:
    """Break every request to v2 until readers are home by themselves; then mend it."""
    with Readers(stage, paths, READERS) as readers:
        _await(lambda: readers.good_at_the_end() >= BEFORE, "good reads")
        with _broken(stage):
            began = time.time()
            _await(lambda: _control(stage).get("phase") == "SHADOW_READ", "readers at home")
            control = _control(stage)
            _await(
                lambda: readers.good_at_the_end() >= ENOUGH + READERS, "good reads with v2 broken"
            )
            reads = [each for each in readers.reads() if each.asked >= began]
    failed = [each for each in reads if each.status != 200]
    last = max((each.answered for each in failed), default=began)
    hold: Any = control["hold"]
    return Outage(
        reads=len([each for each in reads if each.asked <= last]),
        failed=len(failed),
        alarm=float(hold["since"]) - began,
        move=float(control["since"]) - began,
        last=last - began,
        after=[each for each in reads if each.asked > last],
    )


@contextmanager
def _broken(stage: Stage) -> Iterator[None]:
    page = f"{stage.endpoint}/_cutover/faults"
    wish = {"tables": [stage.outputs["TargetTableName"]], "functions": [], "refuse": 1}
    urllib3.request("PUT", page, body=json.dumps(wish).encode())
    try:
        yield
    finally:
        urllib3.request("DELETE", page)


def _control(stage: Stage) -> Item:
    answer = stage.client("dynamodb").get_item(
        TableName=stage.outputs["ControlTableName"],
        Key={"migration": {"S": stage.migration}},
        ConsistentRead=True,
    )
    return decode(answer["Item"])


def _await(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LIMIT
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(f"there were no {what} within {LIMIT:.0f} s")
        time.sleep(0.1)
