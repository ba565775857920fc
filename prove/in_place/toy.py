"""The migration in place that is simulated: small records, and everything that can go wrong.

One attribute is renamed (an index key), one becomes another type with a default, one is derived,
and the new shape has one that the old cannot hold. `active: True` is what `down` leaves out: only
a snapshot brings it back.
"""

from dataclasses import replace

from prove import toy
from shared.model.declaration import TRANSFORM, Index, TableDeclaration, Verdict
from shared.model.in_place import Found, InPlace
from shared.model.item import Item, Value
from shared.model.key import KeySchema

NOTE = toy.NOTE
"""What the old shape cannot hold."""
OUTSIDE = toy.OUTSIDE
"""What only code beside the wrapper writes; both shapes have it."""
ONLY_OLD = frozenset({"project", "active"})
ONLY_NEW = frozenset({"team", "status", "label", NOTE})


def up(old: Item, found: Found) -> Item:  # noqa: ARG001 it looks nothing up
    """Return the new shape of a record."""
    new = {name: value for name, value in old.items() if name not in ONLY_OLD}
    if "project" in old:
        new["team"] = old["project"]
    new["status"] = toy.ACTIVE[old.get("active", True)]
    new["label"] = label(old)
    return new


def down(new: Item) -> Item:
    """Return the old shape of a record, without its note."""
    old = {name: value for name, value in new.items() if name not in ONLY_NEW}
    if "team" in new:
        old["project"] = new["team"]
    if new.get("status") == toy.ACTIVE[False]:
        old["active"] = False
    return old


def label(item: Item) -> Value:
    """Return what is derived of a record."""
    return f"<{item.get('name')}>"


def classify(old: Item, found: Found) -> Verdict:  # noqa: ARG001 every record may be upgraded
    """Let every record be upgraded."""
    return TRANSFORM


def upgraded(item: Item) -> bool:
    """Tell whether a record is in the new shape."""
    return "status" in item


MIGRATION = InPlace(
    name="toy",
    title="Toy in place",
    source=TableDeclaration("toy-v1", KeySchema("id"), (Index("by-team", KeySchema("team")),)),
    up=up,
    down=down,
    classify=classify,
    upgraded=upgraded,
    derived=frozenset({"label"}),
    environments=(toy.ENVIRONMENT,),
)

ANYBODY = replace(MIGRATION, writers="any")
"""The same with writers beside the wrapper."""


def person(key: str, **attributes: Value) -> Item:
    """Return a record in the new shape, as a caller creates it."""
    return {"id": key, "status": "active", **attributes}


def legacy(key: str, **attributes: Value) -> Item:
    """Return a record as code older than the wrapper wrote it."""
    return {"id": key, "active": True, **attributes}


def fault(own: Item) -> str | None:
    """Return what is wrong with a stored record: neither shape, both, or not as derived."""
    if not upgraded(own):
        return "half a record" if ONLY_NEW & own.keys() else None
    if ONLY_OLD & own.keys() or "name" not in own:
        return "half a record"
    return None if own.get("label") == label(own) else "a derived attribute that is not derived"
