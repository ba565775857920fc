"""moto's queues give messages twice and fail when several callers use them; without a server."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from moto.awslambda.models import LambdaBackend
from moto.sqs.models import Queue, SQSBackend

from local.queues import storage

SENDERS, RECEIVERS, EACH = 2, 4, 150
PLACE = ("us-east-1", "123456789012")


@pytest.fixture(autouse=True)
def _impatient() -> Iterator[None]:
    """Have threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> SQSBackend:
    """Give a queue `q` with our storage, which other tests do not see."""
    for owner in (SQSBackend, Queue, LambdaBackend):
        for name, value in list(vars(owner).items()):
            if callable(value) or isinstance(value, property):
                monkeypatch.setattr(owner, name, value)
    storage.install()
    made = SQSBackend(*PLACE)
    made.create_queue("q")
    return made


def test_each_message_is_given_once_when_many_send_receive_and_delete(backend: SQSBackend) -> None:
    done = threading.Event()

    def send(who: int) -> list[str]:
        bodies = [f"{who}-{number}" for number in range(EACH)]
        for body in bodies:
            backend.send_message("q", body)
        return bodies

    def receive() -> list[str]:
        got: list[str] = []
        while True:
            last = done.is_set()
            found = backend.receive_message("q", 3, 0, 30)
            for message in found:
                got.append(message.body)
                backend.delete_message("q", message.receipt_handle)
            if last and not found:
                return got

    with ThreadPoolExecutor(SENDERS + RECEIVERS) as threads:
        receiving = [threads.submit(receive) for _ in range(RECEIVERS)]
        sending = [threads.submit(send, who) for who in range(SENDERS)]
        sent = [body for each in sending for body in each.result()]
        done.set()
        got = [body for each in receiving for body in each.result()]
    assert sorted(got) == sorted(sent)


def test_a_queue_keeps_its_policy_when_other_attributes_are_set(backend: SQSBackend) -> None:
    backend.set_queue_attributes("q", {"Policy": '{"Statement": [{"Sid": "a"}]}'})
    backend.set_queue_attributes("q", {"VisibilityTimeout": "7"})
    attributes = backend.get_queue_attributes("q", ["All"])
    assert attributes["VisibilityTimeout"] == 7
    assert '"Sid": "a"' in attributes["Policy"]


def test_a_delayed_message_and_one_in_flight_are_counted_apart(backend: SQSBackend) -> None:
    backend.send_message("q", "now")
    backend.send_message("q", "later", delay_seconds=60)
    backend.send_message("q", "too")
    (message,) = backend.receive_message("q", 1, 0, 30)
    names = ["", "NotVisible", "Delayed"]
    counts = backend.get_queue_attributes("q", [f"ApproximateNumberOfMessages{n}" for n in names])
    assert list(counts.values()) == [1, 1, 1]
    assert message.body == "now"
