"""Runs in place that somebody races: what acts meanwhile, and what they must have counted."""

from collections.abc import Callable
from dataclasses import replace

from shared.model.in_place import InPlace
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import Counts, Run, RunKind
from shared.model.writes import Side
from tests.in_place.toy import MIGRATION
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.stage import note, stage

NAMES = tuple("abcdef")
ANYBODY = replace(MIGRATION, writers="any")
MANY = {f"n{number:03}": number for number in range(150)}


def upgrading(*items: Item, migration: InPlace = MIGRATION) -> Conductor:
    """Return a migration in WRITE_NEW whose old records came by code outside the wrapper."""
    conductor = stage(phase=Phase.WRITE_NEW, migration=migration)
    conductor.load(Side.SOURCE, *(items or [note(name) for name in NAMES]))
    return conductor


def once(name: str, act: Callable[[], object]) -> Callable[[str], None]:
    """Return what acts before the first call of this name, and not inside its own calls."""
    done: list[str] = []

    def beside(called: str) -> None:
        if called == name and not done:
            done.append(called)
            act()

    return beside


def fail(error: Exception, times: int, name: str = "write") -> Callable[[str], None]:
    """Return what fails some calls before they take effect."""
    left = iter(range(times))

    def beside(called: str) -> None:
        if called == name and next(left, None) is not None:
            raise error

    return beside


def shapes(conductor: Conductor) -> str:
    """Return by its first letter which shape each record has, by name."""
    items = sorted(conductor.parts.store.items(Side.SOURCE), key=lambda each: each["note_id"])
    return "".join("n" if "body" in each else "o" for each in items)


def assert_counts(run: Run, **expected: int) -> None:
    counts = run.counts
    assert counts == Counts(**{"scanned": counts.scanned, **expected})
    assert counts.scanned == sum(expected.values())


def restored(conductor: Conductor, *, lower: bool = False) -> Run:
    """Restore everything, as a rollback does."""
    return conductor.job(RunKind.RESTORE, lower=lower)


def upgraded(*items: Item, migration: InPlace = MIGRATION) -> Conductor:
    """Return a migration whose records a backfill has upgraded."""
    conductor = upgrading(*items, migration=migration)
    conductor.backfill(total_segments=1)
    return conductor
