"""The migration that is simulated: small records, and everything that can go wrong with them.

Keys change their name and form, one attribute is renamed (and an index key in both tables), one
becomes another type with a default, one is filled in, and v2 has one that v1 cannot hold.
"""

from collections.abc import Mapping
from dataclasses import replace

from shared.model.declaration import (
    TRANSFORM,
    Index,
    TableDeclaration,
    TableToTable,
    Verdict,
)
from shared.model.environment import Environment, Soak, Timing
from shared.model.item import Item, Value
from shared.model.key import Key, KeySchema
from shared.model.writes import Side

TIMING = Timing(lease=3.0, renew=1.0, operation=4.0, worker_operation=4.0, request=2.0)
"""Whole seconds, so that every limit is met exactly by some interleaving."""

ENVIRONMENT = Environment(
    name="simulation",
    account="000000000000",
    region="nowhere",
    source="created",
    removal="destroy",
    issuer="/",
    audience="prove",
    timing=TIMING,
    soak=Soak(*[0.0] * 8),
    certificate_age=10_000.0,
    approval_age=10_000.0,
    stream_lag=30.0,
    concurrency=1,
    approves_alone=True,
)

NOTE = "note"
"""What v1 cannot hold."""
OUTSIDE = "remark"
"""What only code older than the wrapper writes, to v1."""
ACTIVE = {True: "active", False: "inactive"}
_CHANGED = frozenset({"id", "project", "active"})
_DERIVED = frozenset({"pk", "team", "status", "kind", NOTE})


def up(source: Item) -> Item:
    """Return the v2 form of a v1 record."""
    target = {name: value for name, value in source.items() if name not in _CHANGED}
    target["pk"] = f"T#{source['id']}"
    if "project" in source:
        target["team"] = source["project"]
    target["status"] = ACTIVE[source.get("active", True)]
    target["kind"] = "record"
    return target


def down(target: Item) -> Item:
    """Return the v1 form of a v2 record, without its note."""
    source = {name: value for name, value in target.items() if name not in _DERIVED}
    source["id"] = str(target["pk"])[2:]
    if "team" in target:
        source["project"] = target["team"]
    if target.get("status", "active") == ACTIVE[False]:
        source["active"] = False
    return source


def up_changed(source: Item) -> Item:
    """Return the v2 form by a later transform, which fills in another kind."""
    return {**up(source), "kind": "person"}


def classify(source: Mapping[str, Value]) -> Verdict:  # noqa: ARG001 every record may move
    """Let every record move."""
    return TRANSFORM


def target_key(key: Key) -> Key:
    """Return where a record of v1 lies in v2."""
    return Key(f"T#{key.partition!s}")


def source_key(key: Key) -> Key:
    """Return where a record of v2 lies in v1."""
    return Key(str(key.partition)[2:])


MIGRATION = TableToTable(
    name="toy",
    title="Toy",
    source=TableDeclaration(
        "toy-v1", KeySchema("id"), (Index("by-project", KeySchema("project")),)
    ),
    target=TableDeclaration("toy-v2", KeySchema("pk"), (Index("by-team", KeySchema("team")),)),
    up=up,
    down=down,
    classify=classify,
    environments=(ENVIRONMENT,),
    target_only=frozenset({NOTE}),
    target_key=target_key,
    source_key=source_key,
)

FIRST = replace(MIGRATION, mode="availability_first")
"""The same in its availability-first mode."""


def key_of(side: Side, item: Item) -> Key:
    """Return an item's key in a table."""
    declared = MIGRATION.source if side is Side.SOURCE else MIGRATION.target
    return declared.keys.key_of(item)


REQUIRED = frozenset({"pk", "status", "kind", "name"})
"""What every complete record of v2 has; one without it is half a record."""


def person(key: str, **attributes: Value) -> Item:
    """Return a record in v2's shape, as a caller creates it."""
    return {"pk": f"T#{key}", "status": "active", **attributes}


def legacy(key: str, **attributes: Value) -> Item:
    """Return a record in v1's shape, as code older than the wrapper wrote it."""
    return {"id": key, **attributes}
