"""Follows a workflow to its end: a live view in a terminal, a line per change anywhere else."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from cli.progress import progress_of
from cli.session import Session
from cli.times import moment
from cli.views.status import status_view
from shared.aws.state_machines import Outcome
from shared.engine.overview import Overview, overview
from shared.engine.world import World
from shared.model.errors import StoreError
from shared.model.runs import RunKind

LOOK_EVERY = 2.0
"""Seconds between two looks; shorter where phases last seconds."""
PATIENCE = 15
"""How many looks in a row may stay without an answer before the command gives up."""

Show = Callable[[World, Overview], None]


def follow(session: Session, world: World, execution: str) -> Outcome:
    """Show the migration until an execution has ended, and return how.

    Ctrl-C ends the watching only.
    """
    try:
        return _watch(session, world, execution)
    except KeyboardInterrupt:
        session.screen.note(f"it goes on: `cutover status {world.migration.name} --watch`")
        raise


def _watch(session: Session, world: World, execution: str) -> Outcome:
    unanswered = 0
    with _display(session.screen.err) as show:
        while True:
            try:
                outcome = session.cloud.workflows.outcome(execution)
                show(world, overview(world))
            except StoreError:
                unanswered += 1
                if unanswered >= PATIENCE:
                    raise
            else:
                unanswered = 0
                if outcome.ended:
                    return outcome
            world.clock.sleep(min(LOOK_EVERY, world.environment.timing.lease))


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
        self._last = ""

    def __call__(self, world: World, found: Overview) -> None:
        """Print where the migration is, unless that was the last thing printed."""
        line = "; ".join([_place(found), *_jobs(world, found), *_waits(found)])
        if line != self._last:
            self._console.print(f"{moment(world.clock.wall())}  {line}", soft_wrap=True)
            self._last = line


def _place(found: Overview) -> str:
    return f"{found.state.phase}, reads on v2: {found.state.percent} %"


def _jobs(world: World, found: Overview) -> Iterator[str]:
    """Yield the running jobs in steps of ten per cent, so that a log stays short."""
    for run in found.runs:
        progress = progress_of(world, found, run) if run.active else None
        if progress is not None:
            share = "" if progress.percent is None else f" {progress.percent // 10 * 10} %"
            yield f"{run.kind} {run.run_id}{share}"


def _waits(found: Overview) -> Iterator[str]:
    goes_back = any(run.active and run.kind is RunKind.ROLLBACK for run in found.runs)
    if found.lacks and not goes_back:
        yield f"{found.ahead} waits for " + ", ".join(lack.guard for lack in found.lacks)
