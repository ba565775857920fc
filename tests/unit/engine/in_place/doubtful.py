"""Notes whose author nobody can tell, and a person who decides about them."""

from typing import Any

from shared.engine.resolution import Answer, Resolved, resolve
from shared.engine.review import queue, show
from shared.model.in_place import InPlace
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.in_place.toy import MIGRATION
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.stage import author, key, note, stage

ANNS = (author("a1", "Ann"), author("a2", "Ann"), author("b1", "Bob"))
OPEN = note("d", "three", account="acme", author="Ann")
FIRST = Answer(candidate="a1")


def doubtful(
    *items: Item,
    phase: Phase = Phase.OFF,
    percent: int = 100,
    migration: InPlace = MIGRATION,
) -> Conductor:
    """Return a migration in a phase with records in doubt that came past the wrapper."""
    conductor = stage(note("c"), phase=phase, percent=percent, authors=ANNS, migration=migration)
    conductor.load(Side.SOURCE, *(items or (OPEN,)))
    return conductor


def decide(conductor: Conductor, answer: Answer, name: str = "d", **given: Any) -> Resolved:
    """Decide about a record as a person does who has just looked at it."""
    seen = given.pop("seen", None) or show(conductor.world, key(name)).fingerprint
    given = {"actor": "Ada", "reason": "she wrote it", **given}
    return resolve(conductor.world, key(name), answer, seen=seen, **given)


def stored(conductor: Conductor, name: str = "d") -> Item:
    return conductor.stored(Side.SOURCE, key(name)) or {}


def audited(conductor: Conductor) -> list[tuple[str, str, str, str]]:
    entries = conductor.world.ledger.audit("notes", 50)
    return [(each.action, each.actor, each.reason, each.detail) for each in entries]


def waiting(conductor: Conductor) -> list[str]:
    return [each.key for each in queue(conductor.world).records]
