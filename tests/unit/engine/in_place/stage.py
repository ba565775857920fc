"""The migration in place on which the engine is tried: its records, and a stage in memory."""

from shared.engine.in_place.records import InPlaceRecords
from shared.engine.world import in_place
from shared.memory.world import memory_parts
from shared.model.environment import LOCAL
from shared.model.in_place import InPlace
from shared.model.item import Item, Value
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.in_place.toy import MIGRATION
from tests.unit.engine.conductor import Conductor


def note(name: str, text: Value = "one two", **attributes: Value) -> Item:
    """Return a note as code older than the wrapper wrote it."""
    return {"note_id": name, "text": text, **attributes}


def author(author_id: str, name: str, account: str = "acme") -> Item:
    """Return a record of the reference table."""
    return {"account": account, "author_id": author_id, "name": name}


def key(name: str) -> Key:
    """Return the key of a note."""
    return Key(name)


def stage(
    *items: Item,
    phase: Phase = Phase.OFF,
    percent: int = 100,
    authors: tuple[Item, ...] = (),
    migration: InPlace = MIGRATION,
) -> Conductor:
    """Return a migration whose table holds these items, in a phase."""
    parts = memory_parts(migration)
    parts.store.load(Side.SOURCE, *items)
    parts.references.items.extend(authors)
    conductor = Conductor(parts, parts.world(LOCAL))
    conductor.go_to(phase, percent)
    return conductor


def records(conductor: Conductor) -> InPlaceRecords:
    """Return a fresh instance of the service, with a lease of its own."""
    return InPlaceRecords(in_place(conductor.world))
