"""A small migration in place: notes get a body, a count of words, and their author's id.

It declares everything that a migration in place may declare, so that everything is deployed.
"""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel

from shared.model.bodies import Body
from shared.model.declaration import (
    TRANSFORM,
    Api,
    Candidate,
    Decision,
    Example,
    Index,
    Search,
    TableDeclaration,
    Verdict,
)
from shared.model.environment import LOCAL
from shared.model.in_place import Found, InPlace, Invariant, Reference
from shared.model.item import Item, Value
from shared.model.key import Key, KeySchema

NOTES = TableDeclaration(
    name="toy-notes",
    keys=KeySchema("note_id"),
    indexes=(
        Index("AccountIndex", KeySchema("account")),
        Index("TopicIndex", KeySchema("topic")),
    ),
)
AUTHORS = TableDeclaration("toy-authors", KeySchema("account", "author_id"))
BY_ACCOUNT = Search(("account",), "AccountIndex")


class Note(BaseModel):
    """A note as callers see it."""

    note_id: str
    account: str | None = None
    body: str | None = None
    words: Decimal | None = None


class NoteCreate(Body):
    """What makes a note."""

    note_id: str | None = None
    body: str


class NoteChange(Body):
    """What may change of one."""

    body: str


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
    environments=(LOCAL,),
    up=up,
    down=down,
    classify=classify,
    upgraded=lambda item: "body" in item,
    derived=frozenset({"words"}),
    reference=Reference(
        AUTHORS,
        partition=lambda item: item.get("account"),
        index="AccountIndex",
        used=lambda note, author: note.get("author_id") == author["author_id"],
    ),
    invariants=(Invariant("sound", _signed),),
    snapshot_days=45,
    api=Api(
        resource="notes",
        id_field="note_id",
        key=Key,
        create=NoteCreate,
        change=NoteChange,
        record=Note,
        searches=(BY_ACCOUNT, Search(("topic",), "TopicIndex")),
    ),
    examples=(
        Example(
            "a note",
            source={"note_id": "1", "account": "a", "text": "one two", "author": "Ada"},
            target={
                "note_id": "1",
                "account": "a",
                "body": "one two",
                "words": Decimal(2),
                "author_id": "u1",
            },
            found=({"account": "a", "author_id": "u1", "name": "Ada"},),
        ),
    ),
)
