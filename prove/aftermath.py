"""What is looked at when a run is over and nobody is about: what lagged, what must be possible.

First the functions that read streams and queues read the rest; then what was written past the
wrapper must be known and mendable; then a fresh instance of the service must be able to do
everything with every record; in the end the tables may be brought to agree.
"""

from functools import partial
from typing import TYPE_CHECKING

from prove import toy
from prove.clients import Client, Wish
from prove.conduct import Conduct, GaveUp
from prove.follower import Follower
from prove.history import Act, End
from prove.scheduler import Actor, Violation
from prove.steps import SETTLE, SLEEP
from shared.engine.disproof import watched
from shared.engine.records import Records
from shared.model.key import Key
from shared.model.phases import CERTIFIED, Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side

if TYPE_CHECKING:
    from prove.runs import PairedPlay

FINAL = ("get", "rename", "delete", "create", "get")
"""What must succeed in every end state, for an instance that was not there before."""


def conclude(run: "PairedPlay") -> None:
    """Look at what is left of a run."""
    run.book.dead_until = 0.0
    if run.plan.watch:
        run.alone("t2", partial(_read_streams, run))
    if run.plan.first:
        run.alone("s2", partial(_sync, run))
        _followed(run)
    if run.plan.outside:
        run.alone("x", partial(_find, run))
    run.alone("z", partial(_use, run))
    if run.plan.agree:
        run.alone("y", partial(_agree, run))


def _read_streams(run: "PairedPlay", actor: Actor) -> None:
    run.tripwire.drain(run.world(actor))


def _sync(run: "PairedPlay", actor: Actor) -> None:
    Follower(run.book.branches, run.parts.syncs).drain(run.world(actor))


def _followed(run: "PairedPlay") -> None:
    """Raise Violation when the queue is empty and a replica lags, though nothing else failed.

    A deleted record may have come back there, by a leg that was late: validation finds it.
    """
    opening, plan = run.plan.opening[0], run.plan
    stays = all(step in (SLEEP, SETTLE) for step in plan.path)
    if not (opening.follows and stays and run.book.blameless) or run.parts.syncs.keys:
        return
    wrote = [call for call in run.chronicle.calls if call.act is not Act.GET]
    for name in {call.key for call in wrote if call.end is End.DONE}:
        run.book.branches.add("replica followed")
        if run.book.there(opening.primary, name):
            run.book.agree(Key(name), "the queue is empty")


def _find(run: "PairedPlay", actor: Actor) -> None:
    """See that a write past the wrapper is known, and that validation mends it as it must."""
    world, book = run.world(actor), run.book
    if run.plan.watch and watched(world, book.state) and book.state.certificate is not None:
        book.all_alike()
    if book.state.phase.group not in CERTIFIED:
        return
    conduct = Conduct(world, run.parts.executions, run.parts.syncs)
    done = conduct.job(RunKind.VALIDATE, repair=True)
    if done is not None and done.status is RunStatus.SUCCEEDED:
        book.branches.add("write past the wrapper: mended")
        book.all_alike()
        book.keep_foreign()


def _use(run: "PairedPlay", actor: Actor) -> None:
    """Let a fresh instance do with every record what must be possible."""
    client = Client(actor, Records(run.world(actor)), run.chronicle, run.book)
    for name in run.names:
        for what in FINAL:
            if client.ask(Wish(what, name)) in (None, End.UNKNOWN):
                raise Violation(f"{what} of {name} is refused, with nobody about")


def _agree(run: "PairedPlay", actor: Actor) -> None:
    """Bring the tables to agree, as an operator would."""
    book = run.book
    conduct = Conduct(run.world(actor), run.parts.executions, run.parts.syncs)
    home = Phase.DUAL_WRITE if book.state.phase.primary is Side.SOURCE else Phase.READ_V2
    try:
        if book.state.phase.follows:
            conduct.reach(home)
        if book.state.phase.group not in CERTIFIED:
            return
        actor.sleep(toy.TIMING.settle + toy.TIMING.fence)
        done = conduct.job(RunKind.VALIDATE, repair=True)
    except GaveUp as error:
        raise Violation(f"the tables cannot be brought to agree: {error}") from error
    if done is None or done.status is not RunStatus.SUCCEEDED:
        raise Violation("a validation with nobody about does not succeed")
    book.branches.add("brought to agree")
    book.all_alike()
