"""Code that writes past the wrapper, and the watch over what it does."""

from collections.abc import Callable
from decimal import Decimal

from migrations.personnel.migration import MIGRATION
from shared.engine.tripwire import ACTOR, examine, suspects
from shared.model.control import AuditEntry
from shared.model.runs import Finding
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy

NAMES = ("A", "B", "C")


def tamper(conductor: Conductor, side: Side, name: str, **values: object) -> None:
    """Change attributes of a stored item past the wrapper; None removes."""
    item = conductor.stored(side, key(name)) or legacy(name)
    changed = {**item, **values}
    conductor.load(side, {n: v for n, v in changed.items() if v is not None})


def lose(conductor: Conductor, side: Side, name: str) -> None:
    conductor.parts.store.table(side).store(key(name), None)


def watch(conductor: Conductor, *names: str) -> list[Finding]:
    """Do what the function does with a batch of the streams' records."""
    found = [examine(conductor.world, each) for each in suspects(conductor.world, map(key, names))]
    return [each for each in found if each is not None]


def entries(conductor: Conductor) -> list[AuditEntry]:
    """Return what the tripwire put on record, by action: the clock stands still between entries."""
    listed = conductor.world.ledger.audit(MIGRATION.name, 1000)
    return sorted((each for each in listed if each.actor == ACTOR), key=lambda each: each.action)


def actions(conductor: Conductor) -> list[str]:
    return [each.action for each in entries(conductor)]


Write = Callable[[Conductor, Side], None]
WRITES: dict[str, tuple[Write, str]] = {
    "update": (lambda c, side: tamper(c, side, "A", full_name="Mallory"), "A"),
    "update of the wrapper's": (lambda c, side: tamper(c, side, "E", full_name="Mallory"), "E"),
    "removed attribute": (lambda c, side: tamper(c, side, "B", full_name=None), "B"),
    "changed version": (lambda c, side: tamper(c, side, "C", _cutover_version=Decimal(9)), "C"),
    "insert": (lambda c, side: tamper(c, side, "Z", full_name="New", employee_number="7"), "Z"),
    "delete": (lambda c, side: lose(c, side, "E"), "E"),
}
