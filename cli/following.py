"""Watches a migration, or follows one workflow to its end.

In a terminal it is a live view; anywhere else a line per change.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console
from rich.live import Live

from cli.session import Session
from cli.times import moment
from cli.views.status import left_text, status_view
from shared.aws.state_machines import Outcome
from shared.engine.overview import JOURNEYS, Overview, overview
from shared.engine.world import World
from shared.model.errors import StoreError
from shared.model.moves import Guard
from shared.model.runs import Run, RunKind

LOOK_EVERY = 2.0
"""Seconds between two looks; shorter where phases last seconds."""
PATIENCE = 15
"""How many looks in a row may stay without an answer before the command gives up."""

Show = Callable[[World, Overview], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Followed:
    """An execution that has ended, and how."""

    execution: str
    outcome: Outcome


def follow(session: Session, world: World, execution: str) -> Outcome:
    """Show the migration until an execution has ended, and return how.

    Ctrl-C ends the watching only.
    """
    try:
        with _display(session.screen.err) as show:
            return _to_its_end(session, world, execution, show)
    except KeyboardInterrupt:
        session.screen.note(f"it goes on: `cutover status {world.migration.name} --watch`")
        raise


def watch(session: Session, world: World) -> Followed | None:
    """Show the migration until what runs has ended, and return that.

    Where nothing runs a terminal waits for something until Ctrl-C; anywhere else, where nobody
    can press it, the answer is None.
    """
    console = session.screen.err
    try:
        with _display(console) as show:
            while True:
                found = _looked_at(world, lambda: overview(world))
                show(world, found)
                execution = _followed(found.runs)
                if execution is not None:
                    ended = _to_its_end(session, world, execution, show)
                    return Followed(execution, ended)
                if not console.is_terminal:
                    return None
                _rest(world)
    except KeyboardInterrupt:
        session.screen.note("the watching has ended; whatever runs goes on")
        raise


def _to_its_end(session: Session, world: World, execution: str, show: Show) -> Outcome:
    while True:

        def look() -> Outcome:
            outcome = session.cloud.workflows.outcome(execution)
            show(world, overview(world))
            return outcome

        outcome = _looked_at(world, look)
        if outcome.ended:
            return outcome
        _rest(world)


def _looked_at(world: World, look: Callable[[], T]) -> T:
    """Return what a look showed; a store that stays silent for a while is asked again."""
    for _ in range(PATIENCE - 1):
        try:
            return look()
        except StoreError:
            _rest(world)
    return look()


def _rest(world: World) -> None:
    world.clock.sleep(min(LOOK_EVERY, world.environment.timing.lease))


def _followed(runs: list[Run]) -> str | None:
    """Return the execution to follow: a journey's, which outlasts its jobs, or the newest."""
    active = [run for run in runs if run.active and run.execution]
    journeys = [run for run in active if run.kind in JOURNEYS]
    return next((run.execution for run in [*journeys, *active]), None)


@contextmanager
def _display(console: Console) -> Iterator[Show]:
    if not console.is_terminal:
        yield Lines(console)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda world, found: live.update(status_view(world, found, brief=True), refresh=True)


class Lines:
    """Prints one line whenever something has changed: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: list[str] = []

    def __call__(self, world: World, found: Overview) -> None:
        """Print where the migration is, unless that was the last thing printed.

        The time that is left changes at every look: it is told when something else has changed.
        """
        told = [_place(world, found), *_jobs(found), *_waits(found)]
        if told != self._last:
            line = "; ".join([*told, *_coming(found)])
            self._console.print(f"{moment(world.clock.wall())}  {line}", soft_wrap=True)
            self._last = told


def _place(world: World, found: Overview) -> str:
    return f"{found.state.phase}, {world.migration.ramps}: {found.state.percent} %"


def _jobs(found: Overview) -> Iterator[str]:
    """Yield the running jobs in steps of ten per cent, so that a log stays short."""
    for run in found.runs:
        progress = found.progress.get(run.run_id)
        if progress is not None:
            share = "" if progress.percent is None else f" {progress.percent // 10 * 10} %"
            yield f"{run.kind} {run.run_id}{share}"


def _coming(found: Overview) -> Iterator[str]:
    for progress in found.progress.values():
        if progress.forecast.seconds:
            yield f"left: {left_text(progress.forecast)}"


def _waits(found: Overview) -> Iterator[str]:
    goes_back = any(run.active and run.kind is RunKind.ROLLBACK for run in found.runs)
    if not found.lacks or goes_back:
        return
    guards = [lack.guard for lack in found.lacks]
    asks = f": cutover approve {found.state.migration} {found.ahead}"
    yield f"{found.ahead} waits for " + ", ".join(guards) + asks * (guards == [Guard.APPROVED])
