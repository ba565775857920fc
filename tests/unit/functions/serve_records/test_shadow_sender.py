"""Sampled keys on their way to the queue: whatever becomes of them, no request waits or fails."""

import threading
from collections.abc import Sequence

import pytest

from functions.serve_records.shadow_sender import BATCH, ROOM, ShadowSender
from migrations.personnel.migration import API
from shared.engine.meter import Meter
from shared.engine.records import Records
from shared.model.errors import OutcomeUnknown
from shared.model.key import Key
from shared.model.metrics import Metric
from shared.model.phases import Phase
from tests.unit.engine.conductor import legacy, stage
from tests.unit.functions.serve_records.service import Service

PATIENCE = 10.0


class SlowQueue:
    """A queue whose sending waits until it is let go, and then fails if it is told to."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.entered = threading.Semaphore(0)
        self.go = threading.Event()
        self.ended = threading.Semaphore(0)
        self.batches: list[list[Key]] = []
        self.fault = fault

    def ask(self, keys: Sequence[Key]) -> None:
        fault = self.fault
        self.entered.release()
        assert self.go.wait(PATIENCE)
        self.batches.append(list(keys))
        self.ended.release()
        if fault:
            raise fault

    def waiting(self) -> int:
        return 0


@pytest.fixture(autouse=True)
def _own_logger(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)


def number(each: int) -> Key:
    return Key(f"EMPLOYEE#{each}", "PROFILE")


def not_sent(meter: Meter) -> float:
    return sum(meter.drain().get(Metric.SHADOW_NOT_SENT, []))


def test_requests_while_the_queue_answers_nothing_are_answered() -> None:
    queue = SlowQueue()
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.SHADOW_READ)
    sender = ShadowSender(queue, conductor.world.meter)
    service = Service(Records(conductor.world, sender.offer))
    assert service.call("GET", f"/{API.resource}/A").status == 200
    assert queue.entered.acquire(timeout=PATIENCE)  # it is being sent, and hangs
    conductor.pass_time(1.0)
    assert service.call("GET", f"/{API.resource}/A").status == 200
    assert queue.batches == []
    queue.go.set()
    for _ in range(2):
        assert queue.ended.acquire(timeout=PATIENCE)
    key = API.key("A")
    assert queue.batches == [[key], [key]]


def test_keys_that_wait_are_sent_in_batches() -> None:
    queue = SlowQueue()
    sender = ShadowSender(queue, Meter())
    sender.offer(number(0))
    assert queue.entered.acquire(timeout=PATIENCE)
    for each in range(1, 26):
        sender.offer(number(each))
    queue.go.set()
    for _ in range(4):
        assert queue.ended.acquire(timeout=PATIENCE)
    assert [len(batch) for batch in queue.batches] == [1, BATCH, BATCH, 5]
    assert [key for batch in queue.batches for key in batch] == [number(n) for n in range(26)]


def test_keys_without_room_are_left_and_counted() -> None:
    queue, meter = SlowQueue(), Meter()
    sender = ShadowSender(queue, meter)
    sender.offer(number(0))
    assert queue.entered.acquire(timeout=PATIENCE)
    for each in range(ROOM + 3):
        sender.offer(number(each))
    assert not_sent(meter) == 3
    queue.go.set()


@pytest.mark.parametrize("fault", [OutcomeUnknown("lost"), RuntimeError("EMPLOYEE#0 is broken")])
def test_keys_that_cannot_be_sent_are_counted_and_the_next_are_tried(
    fault: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    queue, meter = SlowQueue(fault), Meter()
    queue.go.set()
    sender = ShadowSender(queue, meter)
    for each in range(3):
        sender.offer(number(each))
        assert queue.ended.acquire(timeout=PATIENCE)
    queue.fault = None
    sender.offer(number(3))
    assert queue.ended.acquire(timeout=PATIENCE)  # so the third failure is counted by now
    assert not_sent(meter) == 3
    assert "EMPLOYEE#" not in capsys.readouterr().out
