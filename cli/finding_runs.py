"""Finds the run that an operator means by the first characters of its id."""

from shared.engine.world import World
from shared.model.errors import InvalidInput
from shared.model.runs import Run

LOOKED_THROUGH = 200


def find_run(world: World, text: str) -> Run:
    """Return the one run whose id is, or begins with, this text; raise InvalidInput."""
    name = world.migration.name
    exact = world.ledger.load(text)
    if exact is not None and exact.migration == name:
        return exact
    newest = world.ledger.runs(name, LOOKED_THROUGH)
    found = [run for run in newest if text and run.run_id.startswith(text)]
    if len(found) == 1:
        return found[0]
    what = "no run" if not found else f"{len(found)} runs"
    raise InvalidInput(
        f"{what} of {name} begins with {text!r}" if not found else f"{what} begin with {text!r}",
        field="RUN_ID",
        mend=f"`cutover status {name}` lists the runs",
    )
