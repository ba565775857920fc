"""Document paths: where in an item an expression points, and how to read or rebuild that place."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from local.dynamodb.refusals import Invalid
from local.dynamodb.values import Item, Value

Path = tuple[str | int, ...]

_WRONG_PATH = "The document path provided in the update expression is invalid for update"


def spell(path: Path) -> str:
    """Write a path the way DynamoDB's messages do: `[a, b, [0]]`."""
    return "[" + ", ".join(f"[{p}]" if isinstance(p, int) else p for p in path) + "]"


def read(item: Item, path: Path) -> Value | None:
    """Give the value at a path, or None when there is none."""
    value = item.get(str(path[0]))
    for part in path[1:]:
        if value is None:
            return None
        value = _child(value, part)
    return value


def write(item: Item, path: Path, value: Value) -> Item:
    """Give a copy of the item with a value at a path; raises Invalid when its parent is missing."""
    head = str(path[0])
    if len(path) == 1:
        return {**item, head: value}
    if head not in item:
        raise Invalid(_WRONG_PATH)
    return {**item, head: _write_in(item[head], path[1:], value)}


def remove(item: Item, path: Path) -> Item:
    """Give a copy of the item without the value at a path; absent is fine, no parent is not."""
    head = str(path[0])
    if len(path) == 1:
        return {name: value for name, value in item.items() if name != head}
    if head not in item:
        raise Invalid(_WRONG_PATH)
    return {**item, head: _remove_in(item[head], path[1:])}


def project(item: Item, paths: Iterable[Path]) -> Item:
    """Give the part of the item that the paths name, nested as in the item."""
    tree: dict[str | int, Any] = {}
    for path in paths:
        node = tree
        for part in path:
            node = node.setdefault(part, {})
    return _pick(item, tree)


def refuse_overlap(paths: list[Path], expression: str) -> None:
    """Raise Invalid when one path is another, or lies inside it."""
    ordered = sorted(paths, key=lambda path: [(isinstance(p, int), p) for p in path])
    for one, two in pairwise(ordered):
        if two[: len(one)] == one:
            raise Invalid(
                f"Invalid {expression}: Two document paths overlap with each other; must remove "
                f"or rewrite one of these paths; path one: {spell(one)}, path two: {spell(two)}"
            )


def _child(value: Value, part: str | int) -> Value | None:
    if isinstance(part, int):
        elements: list[Value] = value.get("L", [])
        return elements[part] if part < len(elements) else None
    found: Value | None = value.get("M", {}).get(part)
    return found


def _write_in(parent: Value, path: Path, value: Value) -> Value:
    part, rest = path[0], path[1:]
    child = _child(parent, part)
    if rest:
        if child is None:
            raise Invalid(_WRONG_PATH)
        value = _write_in(child, rest, value)
    if isinstance(part, str) and "M" in parent:
        return {"M": {**parent["M"], part: value}}
    if isinstance(part, int) and "L" in parent:
        elements: list[Value] = parent["L"]
        return {"L": [*elements[:part], value, *elements[part + 1 :]]}
    raise Invalid(_WRONG_PATH)


def _remove_in(parent: Value, path: Path) -> Value:
    part, rest = path[0], path[1:]
    child = _child(parent, part)
    if rest:
        if child is None:
            raise Invalid(_WRONG_PATH)
        return _write_in(parent, (part,), _remove_in(child, rest))
    if isinstance(part, str) and "M" in parent:
        return {"M": {name: kept for name, kept in parent["M"].items() if name != part}}
    if isinstance(part, int) and "L" in parent:
        elements: list[Value] = parent["L"]
        return {"L": [*elements[:part], *elements[part + 1 :]]}
    raise Invalid(_WRONG_PATH)


def _pick(members: Item, tree: dict[str | int, Any]) -> Item:
    picked: Item = {}
    for name, below in tree.items():
        if isinstance(name, str) and name in members:
            kept = _prune(members[name], below)
            if kept is not None:
                picked[name] = kept
    return picked


def _prune(value: Value, tree: dict[str | int, Any]) -> Value | None:
    if not tree:
        return value
    if "M" in value:
        members = _pick(value["M"], tree)
        return {"M": members} if members else None
    if "L" in value:
        indexes = sorted(part for part in tree if isinstance(part, int))
        held = [(value["L"][i], tree[i]) for i in indexes if i < len(value["L"])]
        elements = [kept for one, below in held if (kept := _prune(one, below)) is not None]
        return {"L": elements} if elements else None
    return None
