"""What each process has of its own: its clocks and its ids."""

from collections.abc import Iterator
from contextlib import contextmanager

from prove.scheduler import Actor, Scheduler
from shared.engine.meter import Meter
from shared.model.metrics import Metric
from shared.model.writes import Side
from shared.ports import Clock


class SimulatedClock:
    """The clock of one process over the time of the simulation."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._scheduler = actor.scheduler

    def wall(self) -> float:
        """Return the time of day as this process has it."""
        self._scheduler.learn(self._actor, "wall", self._scheduler.now)
        return self._scheduler.now + self._actor.jumped

    def monotonic(self) -> float:
        """Return the seconds this process has counted."""
        self._scheduler.learn(self._actor, "monotonic", self._scheduler.now)
        return self._scheduler.now - self._scheduler.began - self._actor.frozen

    def sleep(self, seconds: float) -> None:
        """Let time pass, and others go on."""
        self._actor.sleep(seconds)


class SimulatedIds:
    """Identifiers of one actor."""

    def __init__(self, actor: Actor) -> None:
        self._name = actor.name
        self._count = 0

    def new(self) -> str:
        """Return the next id."""
        self._count += 1
        return f"{self._name}-{self._count:03d}"


class StoreClock:
    """The time of the store, which is the simulation's."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def wall(self) -> float:
        """Return the time."""
        return self._scheduler.now

    def monotonic(self) -> float:
        """Return the time as well: a store is never frozen."""
        return self._scheduler.now

    def sleep(self, seconds: float) -> None:
        """Raise: a store does not sleep."""
        raise NotImplementedError("a store does not sleep")


class Unmeasured(Meter):
    """A meter that looks at no clock: what a call lasted would tell equal states apart."""

    @contextmanager
    def timing(self, metric: Metric, clock: Clock) -> Iterator[None]:  # noqa: ARG002 the meter's
        """Measure nothing."""
        yield

    @contextmanager
    def reading(
        self,
        side: Side,  # noqa: ARG002 the meter's
        clock: Clock,  # noqa: ARG002 the meter's
        *,
        one: bool,  # noqa: ARG002 the meter's
    ) -> Iterator[None]:
        """Measure nothing."""
        yield
