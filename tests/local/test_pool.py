"""The bounds and the reuse of workers, without processes."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from local.lambdas.deployment import Deployment
from local.lambdas.pool import WorkerPool
from local.lambdas.runtime_api import Outcome

ONE = Deployment("one", "$LATEST", "arn", "h.h", "digest", 3.0, 128, (), 2)
TWO = replace(ONE, name="two")


class Puppet:
    """A worker that runs until it is let go, and says what became of it."""

    def __init__(self, deployment: Deployment, gate: threading.Event) -> None:
        self.deployment = deployment
        self.alive = True
        self.pid = id(self)
        self.gate = gate

    def invoke(self, event: bytes) -> Outcome:
        self.gate.wait(30)
        return Outcome(event)

    def kill(self) -> None:
        self.alive = False


class Stage:
    """A pool of puppets with a gate they all wait at."""

    def __init__(self, limit: int = 24) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.started: list[Puppet] = []
        self.pool = WorkerPool(self.start, limit)  # type: ignore[arg-type]  # a puppet will do

    def start(self, deployment: Deployment) -> Puppet:
        puppet = Puppet(deployment, self.gate)
        self.started.append(puppet)
        return puppet

    def run(self, deployment: Deployment, count: int) -> None:
        """Invoke `count` times at once, and let them all finish."""
        self.gate.clear()
        threads = [
            threading.Thread(target=self.pool.invoke, args=(deployment, b"{}"))
            for _ in range(count)
        ]
        for thread in threads:
            thread.start()
        threading.Timer(0.5, self.gate.set).start()
        for thread in threads:
            thread.join(30)


def test_events_one_after_the_other_share_a_worker() -> None:
    stage = Stage()
    for _ in range(5):
        stage.pool.invoke(ONE, b"{}")
    assert len(stage.started) == 1
    assert stage.pool.report()["one"]["invocations"] == 5


def test_events_at_once_start_no_more_workers_than_reserved() -> None:
    stage = Stage()
    stage.run(ONE, 6)
    assert len(stage.started) == 2
    assert stage.pool.report()["one"]["invocations"] == 6


def test_a_full_pool_gives_up_the_longest_idle_worker() -> None:
    stage = Stage(limit=1)
    stage.pool.invoke(ONE, b"{}")
    stage.pool.invoke(TWO, b"{}")
    assert [puppet.alive for puppet in stage.started] == [False, True]


def test_a_dead_worker_is_replaced() -> None:
    stage = Stage()
    stage.pool.invoke(ONE, b"{}")
    stage.started[0].alive = False
    stage.pool.invoke(ONE, b"{}")
    assert len(stage.started) == 2


def test_another_deployment_of_the_function_retires_its_idle_workers() -> None:
    stage = Stage()
    stage.pool.invoke(ONE, b"{}")
    stage.pool.invoke(replace(ONE, digest="other"), b"{}")
    assert [puppet.alive for puppet in stage.started] == [False, True]


def test_a_closed_pool_kills_its_workers_and_takes_no_events() -> None:
    stage = Stage()
    stage.pool.invoke(ONE, b"{}")
    stage.pool.close()
    assert not stage.started[0].alive
    with pytest.raises(RuntimeError, match="shutting down"):
        stage.pool.invoke(ONE, b"{}")


def test_a_worker_that_cannot_start_leaves_room_for_the_next() -> None:
    stage = Stage(limit=1)
    failing = WorkerPool(lambda _: (_ for _ in ()).throw(OSError("no")), limit=1)
    for _ in range(2):
        with pytest.raises(OSError, match="no"):
            failing.invoke(ONE, b"{}")
    assert stage.started == []
