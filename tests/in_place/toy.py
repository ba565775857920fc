"""A migration in place of notes: from `text` to a `body` with its `words`, by a glossary.

It declares everything that a migration in place may declare, so that everything is deployed.
"""

from pydantic import BaseModel

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
from shared.model.item import Item
from shared.model.key import Key, KeySchema

NOTES = TableDeclaration(
    name="toy-notes",
    keys=KeySchema("note_id"),
    indexes=(Index("OwnerIndex", KeySchema("owner")), Index("TopicIndex", KeySchema("topic"))),
)
GLOSSARY = TableDeclaration(name="toy-glossary", keys=KeySchema("owner", "word"))


class Note(BaseModel):
    """A note as callers see it."""

    note_id: str
    owner: str
    body: str
    words: list[str]


class NoteCreate(BaseModel):
    """What makes a note."""

    note_id: str | None = None
    owner: str
    body: str


class NoteChange(BaseModel):
    """What may change of one."""

    body: str


def up(item: Item, found: Found) -> Item:
    """Return the note with its text as the body and its words as the glossary spells them."""
    spelled = {str(each["word"]).lower(): str(each["word"]) for each in found}
    body = str(item["text"]) if "text" in item else str(item["body"])
    kept = {name: value for name, value in item.items() if name != "text"}
    return kept | {"body": body, "words": [spelled.get(each, each) for each in body.split()]}


def down(item: Item) -> Item:
    """Return the note with its body as the text again."""
    kept = {name: value for name, value in item.items() if name not in ("body", "words")}
    return kept | {"text": item["body"]}


def classify(item: Item, _found: Found) -> Verdict:
    """Leave it to a person where a note has no text."""
    if item.get("text"):
        return TRANSFORM
    candidate = Candidate("empty", {"text": "(empty)"}, "it may have been emptied on purpose")
    return Verdict(Decision.AMBIGUOUS, "there is no text", "text", (candidate,))


def _wordless(item: Item) -> str | None:
    return None if item["words"] else "it has no words"


MIGRATION = InPlace(
    name="notes",
    title="Notes: text to body",
    source=NOTES,
    environments=(LOCAL,),
    up=up,
    down=down,
    classify=classify,
    upgraded=lambda item: "body" in item,
    derived=frozenset({"words"}),
    reference=Reference(
        GLOSSARY,
        partition=lambda item: str(item["owner"]) if "owner" in item else None,
        index="OwnerIndex",
        used=lambda note, word: word["word"] in note["words"],
    ),
    invariants=(Invariant("has words", _wordless),),
    snapshot_days=45,
    api=Api(
        resource="notes",
        id_field="note_id",
        key=Key,
        create=NoteCreate,
        change=NoteChange,
        record=Note,
        searches=(Search(("owner",), "OwnerIndex"), Search(("topic",), "TopicIndex")),
    ),
    examples=(
        Example(
            "a note",
            source={"note_id": "1", "owner": "a", "text": "dns first"},
            target={"note_id": "1", "owner": "a", "body": "dns first", "words": ["DNS", "first"]},
            found=({"owner": "a", "word": "DNS"},),
        ),
    ),
)
