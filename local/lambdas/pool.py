"""Warm workers of all functions: started on demand, reused, bounded, replaced when they die."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from local.lambdas.deployment import Deployment
from local.lambdas.runtime_api import Outcome
from local.lambdas.worker import Worker

# A worker costs a quarter of a CPU second to start and some 80 MB, so reuse goes before growth.
WORKERS_IN_ALL = 24
PATIENCE_SECONDS = 0.1


@dataclass
class Tally:
    """What one function has done since the server started."""

    invocations: int = 0
    errors: int = 0


class WorkerPool:
    """Runs an event on a warm worker of its deployment, waiting where the bounds say so."""

    def __init__(self, start: Callable[[Deployment], Worker], limit: int = WORKERS_IN_ALL) -> None:
        self._start = start
        self._limit = limit
        self._changed = threading.Condition()
        self._idle: list[Worker] = []  # the longest idle first
        self._busy: set[Worker] = set()
        self._starting: list[Deployment] = []
        self._current: dict[tuple[str, str], Deployment] = {}
        self._tallies: dict[str, Tally] = {}
        self._closed = False

    def invoke(self, deployment: Deployment, event: bytes) -> Outcome:
        """Run one event; waits when the function's or the machine's bound is reached."""
        worker = self._acquire(deployment)
        try:
            outcome = worker.invoke(event)
        finally:
            self._release(worker)
        with self._changed:
            tally = self._tallies.setdefault(deployment.name, Tally())
            tally.invocations += 1
            tally.errors += outcome.error is not None
        return outcome

    def report(self) -> dict[str, dict[str, object]]:
        """Give each function's worker pids and counts."""
        with self._changed:
            workers = [*self._idle, *self._busy]
            names = {worker.deployment.name for worker in workers} | set(self._tallies)
            return {
                name: {
                    "worker_pids": sorted(
                        worker.pid
                        for worker in workers
                        if worker.alive and worker.deployment.name == name
                    ),
                    **asdict(self._tallies.get(name, Tally())),
                }
                for name in sorted(names)
            }

    def retire(self, name: str) -> None:
        """Let go of a deleted function's workers; busy ones finish what they run."""
        with self._changed:
            for key in [key for key in self._current if key[0] == name]:
                del self._current[key]
            self._drop_idle(lambda worker: worker.deployment.name == name)

    def close(self) -> None:
        """Kill every worker and start no more."""
        with self._changed:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
            self._changed.notify_all()
        for worker in workers:
            worker.kill()

    def _acquire(self, deployment: Deployment) -> Worker:
        patient_until = time.monotonic() + PATIENCE_SECONDS
        with self._changed:
            self._adopt(deployment)
            while True:
                if self._closed:
                    raise RuntimeError("the local cloud is shutting down")
                worker = self._take_idle(deployment)
                if worker is not None:
                    return worker
                patience = patient_until - time.monotonic() if self._count(deployment) else 0.0
                if patience <= 0 and self._has_room(deployment):
                    self._starting.append(deployment)
                    break
                self._changed.wait(patience if patience > 0 else None)
        return self._start_one(deployment)

    def _start_one(self, deployment: Deployment) -> Worker:
        """Start a process outside the lock, since it takes a while."""
        try:
            worker = self._start(deployment)
        except BaseException:
            with self._changed:
                self._starting.remove(deployment)
                self._changed.notify_all()
            raise
        with self._changed:
            self._starting.remove(deployment)
            self._busy.add(worker)
            if self._closed:
                worker.kill()
        return worker

    def _release(self, worker: Worker) -> None:
        with self._changed:
            self._busy.discard(worker)
            if self._closed or self._current.get(worker.deployment.key) != worker.deployment:
                worker.kill()
            elif worker.alive:
                self._idle.append(worker)
            self._changed.notify_all()

    def _adopt(self, deployment: Deployment) -> None:
        """Retire the workers of what was deployed before under this name and version."""
        if self._current.get(deployment.key) == deployment:
            return
        self._current[deployment.key] = deployment
        self._drop_idle(
            lambda worker: (
                worker.deployment.key == deployment.key and worker.deployment != deployment
            )
        )

    def _take_idle(self, deployment: Deployment) -> Worker | None:
        self._idle = [worker for worker in self._idle if worker.alive]
        for worker in reversed(self._idle):
            if worker.deployment == deployment:
                self._idle.remove(worker)
                self._busy.add(worker)
                return worker
        return None

    def _count(self, deployment: Deployment) -> int:
        workers = [worker.deployment for worker in (*self._idle, *self._busy)]
        return sum(other == deployment for other in (*workers, *self._starting))

    def _has_room(self, deployment: Deployment) -> bool:
        """Tell whether one more may start, if need be in place of the longest idle worker."""
        if self._count(deployment) >= deployment.concurrency:
            return False
        if len(self._idle) + len(self._busy) + len(self._starting) < self._limit:
            return True
        if not self._idle:
            return False
        self._idle.pop(0).kill()
        return True

    def _drop_idle(self, chosen: Callable[[Worker], bool]) -> None:
        for worker in [worker for worker in self._idle if chosen(worker)]:
            self._idle.remove(worker)
            worker.kill()
