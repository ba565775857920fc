"""Snapshots: each record as it was before an upgrade, findable from the record itself.

The write id of an upgraded record names the document in which it stands as it was. So a restore
needs no index, and a record that anybody has written since no longer carries the mark.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shared.engine.in_place.shapes import Change, Shapes
from shared.engine.world import InPlaceWorld
from shared.model.errors import NotFound
from shared.model.item import Item, decode, json_ready
from shared.model.runs import Segment, instant

MARK = "upgrade|"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What documents are called. Whoever writes past the wrapper may write any text as a write id, and
one that is no name is never asked of the store, which could only refuse it."""
KEPT = 8
"""Documents that a worker of a restore holds: records of one document lie close in a scan."""


def mark_of(stored: Mapping[str, Any], shapes: Shapes) -> str | None:
    """Return the name of the snapshot document of an item, None when it carries no mark."""
    write = shapes.stamps.read(stored).write or ""
    name = write.removeprefix(MARK)
    return name if write.startswith(MARK) and NAME.fullmatch(name) else None


class SnapshotWriter:
    """Stores what a worker is about to change."""

    def __init__(self, shapes: Shapes, run_id: str, segment: Segment) -> None:
        self._shapes = shapes
        self._world: InPlaceWorld = shapes.world
        self._place = (run_id, segment.name)

    def store(self, changes: Sequence[Change]) -> list[Change]:
        """Store changes before they are made; return them marked with where they stand."""
        run_id, segment = self._place
        name = f"{run_id}/{segment}-{self._world.ids.new()[:13]}"
        marked = [
            Change(each.before, self._shapes.marked(each.after, MARK + name)) for each in changes
        ]
        self._world.snapshots.store(
            name,
            {
                "migration": self._world.migration.name,
                "run_id": run_id,
                "segment": segment,
                "at": instant(self._world.clock.wall()),
                "records": [
                    {"before": json_ready(each.before), "after": json_ready(each.after)}
                    for each in marked
                ],
            },
        )
        return marked


class SnapshotReader:
    """Finds records as they were, with the last few documents at hand."""

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._documents: dict[str, dict[str, Change]] = {}

    def find(self, stored: Item, name: str) -> Change | None:
        """Return the change that made a record what it is; None when its snapshot is gone."""
        return self._document(name).get(self._shapes.text(stored))

    def _document(self, name: str) -> dict[str, Change]:
        if name not in self._documents:
            while len(self._documents) >= KEPT:
                del self._documents[next(iter(self._documents))]
            self._documents[name] = self._load(name)
        return self._documents[name]

    def _load(self, name: str) -> dict[str, Change]:
        try:
            document = self._shapes.world.snapshots.load(name)
        except NotFound:
            return {}
        changes = [
            Change(decode(each["before"]), decode(each["after"])) for each in document["records"]
        ]
        return {self._shapes.text(each.before): each for each in changes}
