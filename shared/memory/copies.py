"""Copies of what goes into a store in RAM and comes out of it, so that nobody shares it.

A simulation makes millions of them: what cannot change is not copied.
"""

from collections.abc import Mapping
from typing import TypeVar

from shared.model.item import Item, Value
from shared.model.runs import Finding, Run, Segment
from shared.model.writes import Action, Put, Update

Kept = TypeVar("Kept", Run, Segment, Finding)


def unshared(value: Value) -> Value:
    """Return a value that shares no list or map with the given one."""
    if isinstance(value, dict):
        return {name: unshared(each) for name, each in value.items()}
    if isinstance(value, list):
        return [unshared(each) for each in value]
    return value


def unshared_item(item: Mapping[str, Value]) -> Item:
    """Return an item that shares no list or map with the given one."""
    return {
        name: unshared(value) if isinstance(value, (dict, list)) else value
        for name, value in item.items()
    }


def unshared_entry(entry: Kept) -> Kept:
    """Return a ledger's entry that shares no list or map with the given one."""
    copy = object.__new__(type(entry))
    for name in type(entry).__slots__:
        value = getattr(entry, name)
        object.__setattr__(
            copy, name, unshared(value) if isinstance(value, (dict, list)) else value
        )
    return copy


def unshared_action(action: Action) -> Action:
    """Return a write that shares no list or map with the given one."""
    match action:
        case Put(side, item, condition):
            return Put(side, unshared_item(item), condition)
        case Update(side, key, assign, default, remove, increment, condition):
            given = unshared_item(assign), unshared_item(default)
            return Update(side, key, *given, remove, increment, condition)
    return action
