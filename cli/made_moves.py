"""What is said before and after a move that an operator makes by hand."""

from rich.text import Text

from cli.documents import next_document, place_document
from cli.session import Session
from cli.times import distance
from cli.views.status import next_view
from cli.words import share_text
from shared.engine.overview import JOURNEYS, overview
from shared.engine.world import World
from shared.model.control import ControlState

_LOOKED_THROUGH = 20


def warn_of_journey(session: Session, world: World) -> None:
    """Say that a workflow under way will notice the move and end."""
    for run in world.ledger.runs(world.migration.name, _LOOKED_THROUGH):
        if run.active and run.kind in JOURNEYS:
            session.screen.note(f"{run.kind} {run.run_id} is under way; a move supersedes it")


def tell(session: Session, world: World, state: ControlState, *, changed: bool) -> None:
    """Print where the migration is by now, and what the next move waits for."""
    now = world.clock.wall()
    settled_at = state.settled_at(now, world.environment.timing)
    text = Text(f"{state.migration} is {'' if changed else 'already '}in {state.phase}")
    text.append(f", {share_text(world.migration, state)}")
    if settled_at > now:
        text.append(f"; in force everywhere {distance(settled_at, now)}", "dim")
    found = overview(world)
    document = {
        "migration": state.migration,
        **place_document(world.migration, state, settled_at),
        "changed": changed,
        "next": next_document(found),
    }
    session.answer(document, text, *next_view(world, found))
