"""A small migration in place: notes get a body, a count of words, and their author's id."""

from collections.abc import Mapping
from decimal import Decimal

from shared.engine.in_place.records import InPlaceRecords
from shared.engine.world import in_place
from shared.memory.world import memory_parts
from shared.model.declaration import (
    TRANSFORM,
    Candidate,
    Decision,
    Index,
    Search,
    TableDeclaration,
    Verdict,
)
from shared.model.environment import LOCAL
from shared.model.in_place import Found, InPlace, Invariant, Reference
from shared.model.item import Item, Value
from shared.model.key import Key, KeySchema
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor

NOTES = TableDeclaration(
    "notes", KeySchema("note_id"), indexes=(Index("AccountIndex", KeySchema("account")),)
)
AUTHORS = TableDeclaration("authors", KeySchema("account", "author_id"))
BY_ACCOUNT = Search(("account",), "AccountIndex")


def up(old: Item, found: Found) -> Item:
    """Return the new shape; an author whom nobody can tell stays as he is written."""
    new = {name: value for name, value in old.items() if name not in ("text", "author")}
    text = old.get("text")
    if isinstance(text, str):
        new |= {"body": text, "words": Decimal(len(text.split()))}
    if "author" in old:
        known = _authors(old, found)
        new |= {"author_id": known[0]} if len(known) == 1 else {"author": old["author"]}
    return new


def down(new: Item) -> Item:
    """Return the old shape, in which an author may be an id after a `#`."""
    old = {n: v for n, v in new.items() if n not in ("body", "words", "author_id")}
    if "body" in new:
        old["text"] = new["body"]
    if "author_id" in new:
        old["author"] = f"#{new['author_id']}"
    return old


def classify(old: Item, found: Found) -> Verdict:
    """Decide whether a note may be upgraded."""
    if not isinstance(old.get("text"), str):
        return Verdict(Decision.REJECT, "text is not text", "text")
    if old["text"] == "keep as it is":
        return Verdict(Decision.SKIP, "it asks to be left alone", "text")
    if "author" in old and len(_authors(old, found)) != 1:
        known = tuple(
            Candidate(str(each["author_id"]), {"author": f"#{each['author_id']}"}, "has the name")
            for each in found
            if each["name"] == old["author"]
        )
        return Verdict(Decision.AMBIGUOUS, f"{len(known)} authors have the name", "author", known)
    return TRANSFORM


def _authors(old: Mapping[str, Value], found: Found) -> list[Value]:
    wanted = old["author"]
    ids = [each["author_id"] for each in found]
    if isinstance(wanted, str) and wanted.startswith("#"):
        return [each for each in ids if f"#{each}" == wanted]
    return [each["author_id"] for each in found if each["name"] == wanted]


def _signed(new: Item) -> str | None:
    return None if new.get("body") != "unsound" else "its body is unsound"


MIGRATION = InPlace(
    name="notes",
    title="Notes get a body",
    source=NOTES,
    up=up,
    down=down,
    classify=classify,
    upgraded=lambda item: "body" in item,
    derived=frozenset({"words"}),
    reference=Reference(
        AUTHORS,
        lambda item: item.get("account"),
        "AccountIndex",
        lambda note, author: note.get("author_id") == author["author_id"],
    ),
    invariants=(Invariant("sound", _signed),),
    environments=(LOCAL,),
)


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
