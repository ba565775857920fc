"""How far a run is, against the last count of source items that is known."""

from dataclasses import dataclass

from shared.engine.overview import Overview
from shared.engine.world import World
from shared.model.runs import Run, RunKind
from shared.model.writes import Side

JOURNEYS = (RunKind.MIGRATE, RunKind.ROLLBACK)


@dataclass(frozen=True, slots=True)
class Progress:
    """Source items handled, of how many (None: unknown), and where that total comes from."""

    done: int
    total: int | None
    origin: str

    @property
    def percent(self) -> int | None:
        """Return the part that is done; a table that grew meanwhile is not over 100 %."""
        if not self.total:
            return None
        return min(100, self.done * 100 // self.total)


def progress_of(world: World, found: Overview, run: Run) -> Progress | None:
    """Return how far a run is; None for a journey, which is as far as its phase."""
    if run.kind in JOURNEYS:
        return None
    keys = run.params.get("keys")
    if keys is not None:
        return Progress(run.counts.scanned, len(keys), "the keys that were given")
    if run.params.get("mode") == "sample":
        return Progress(run.counts.scanned, int(run.params["sample_size"]), "the sample")
    if found.source_items is not None:
        return Progress(run.counts.scanned, found.source_items, "the last complete pass")
    told = world.tables.describe(Side.SOURCE).item_count
    return Progress(run.counts.scanned, told or None, "DescribeTable, up to 6 hours old")
