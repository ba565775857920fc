"""Update expressions: parsed once into clauses, then applied to copies of items.

Grammar: AWS's page "Using update expressions in DynamoDB". Every operand is read from the item as
it was before the update.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from local.dynamodb import numbers
from local.dynamodb.expressions import paths
from local.dynamodb.expressions.conditions import Values
from local.dynamodb.expressions.paths import Path
from local.dynamodb.expressions.tokens import Cursor
from local.dynamodb.refusals import Invalid
from local.dynamodb.values import Item, Value, type_of_sets

T = TypeVar("T")
Source = Callable[[Item, Values], Value]

_WRONG_TYPE = "An operand in the update expression has an incorrect data type"
_NO_SUCH = "The provided expression refers to an attribute that does not exist in the item"


@dataclass(frozen=True, slots=True)
class Update:
    """A parsed update expression."""

    sets: tuple[tuple[Path, Source], ...]
    removes: tuple[Path, ...]
    adds: tuple[tuple[Path, str], ...]
    deletes: tuple[tuple[Path, str], ...]

    def touched(self) -> list[Path]:
        """List the paths it writes or removes."""
        return [
            *(path for path, _ in self.sets),
            *self.removes,
            *(path for path, _ in self.adds),
            *(path for path, _ in self.deletes),
        ]

    def apply(self, old: Item, values: Values) -> Item:
        """Give the item after the update; raises Invalid when a clause does not fit it."""
        new = dict(old)
        changes = list(self._changes(old, values))
        # A list grows in the order of its indexes, and loses elements from its end.
        for path, value in sorted(changes, key=lambda change: _last_index(change[0])):
            new = paths.write(new, path, value)
        gone = [*self.removes, *self._emptied(old, values)]
        for path in sorted(gone, key=_last_index, reverse=True):
            new = paths.remove(new, path)
        return new

    def _changes(self, old: Item, values: Values) -> Iterator[tuple[Path, Value]]:
        for path, source in self.sets:
            yield path, source(old, values)
        for path, name in self.adds:
            yield path, _added(paths.read(old, path), values[name])
        for path, name in self.deletes:
            rest = _rest(paths.read(old, path), values[name])
            if rest:
                yield path, rest

    def _emptied(self, old: Item, values: Values) -> Iterator[Path]:
        for path, name in self.deletes:
            held = paths.read(old, path)
            if held is not None and _rest(held, values[name]) is None:
                yield path


def parse(cursor: Cursor) -> Update:
    """Read a whole update expression."""
    sets: list[tuple[Path, Source]] = []
    removes: list[Path] = []
    changes: dict[str, list[tuple[Path, str]]] = {"ADD": [], "DELETE": []}
    seen: set[str] = set()
    while cursor.peek():
        section = cursor.next().upper()
        if section in seen:
            raise Invalid(
                f'Invalid UpdateExpression: The "{section}" section can only be used once in an '
                "update expression;"
            )
        seen.add(section)
        if section == "SET":
            sets = _several(cursor, _assignment)
        elif section == "REMOVE":
            removes = _several(cursor, Cursor.path)
        elif section in changes:
            changes[section] = _several(cursor, _change)
        else:
            cursor.at -= 1
            cursor.fail()
    update = Update(tuple(sets), tuple(removes), tuple(changes["ADD"]), tuple(changes["DELETE"]))
    paths.refuse_overlap(update.touched(), "UpdateExpression")
    return update


def _several(cursor: Cursor, one: Callable[[Cursor], T]) -> list[T]:
    found = [one(cursor)]
    while cursor.accept(","):
        found.append(one(cursor))
    return found


def _assignment(cursor: Cursor) -> tuple[Path, Source]:
    path = cursor.path()
    cursor.expect("=")
    return path, _sum(cursor)


def _change(cursor: Cursor) -> tuple[Path, str]:
    return cursor.path(), cursor.value()


def _sum(cursor: Cursor) -> Source:
    left = _operand(cursor)
    sign = cursor.peek()
    if sign not in ("+", "-"):
        return left
    cursor.at += 1
    right = _operand(cursor)
    combine = numbers.add if sign == "+" else numbers.subtract
    return lambda item, values: {
        "N": combine(_number(left(item, values)), _number(right(item, values)))
    }


def _operand(cursor: Cursor) -> Source:
    if cursor.accept("("):
        inner = _sum(cursor)
        cursor.expect(")")
        return inner
    if cursor.peek().startswith(":"):
        name = cursor.value()
        return lambda _item, values: values[name]
    if cursor.peek(1) == "(":
        return _function(cursor)
    path = cursor.path()
    return lambda item, _values: _present(paths.read(item, path))


def _function(cursor: Cursor) -> Source:
    name = cursor.next()
    cursor.expect("(")
    if name == "if_not_exists":
        path = cursor.path()
        cursor.expect(",")
        other = _operand(cursor)
        cursor.expect(")")
        return lambda item, values: paths.read(item, path) or other(item, values)
    if name != "list_append":
        raise Invalid(f"Invalid UpdateExpression: Invalid function name; function: {name}")
    left = _operand(cursor)
    cursor.expect(",")
    right = _operand(cursor)
    cursor.expect(")")
    return lambda item, values: {"L": [*_list(left(item, values)), *_list(right(item, values))]}


def _present(value: Value | None) -> Value:
    if value is None:
        raise Invalid(_NO_SUCH)
    return value


def _number(value: Value) -> str:
    if "N" not in value:
        raise Invalid(_WRONG_TYPE)
    number: str = value["N"]
    return number


def _list(value: Value) -> list[Value]:
    if "L" not in value:
        raise Invalid(_WRONG_TYPE)
    elements: list[Value] = value["L"]
    return elements


def _added(held: Value | None, more: Value) -> Value:
    ((kind, content),) = more.items()
    if kind != "N" and kind not in type_of_sets:
        raise Invalid(
            "Invalid UpdateExpression: Incorrect operand type for operator or function; "
            f"operator: ADD, operand type: {kind}"
        )
    if held is None:
        return more
    if kind not in held:
        raise Invalid(_WRONG_TYPE)
    if kind == "N":
        return {"N": numbers.add(held["N"], content)}
    return {kind: [*held[kind], *(member for member in content if member not in held[kind])]}


def _rest(held: Value | None, less: Value) -> Value | None:
    """Take members from a set; None when nothing is left, or nothing was there."""
    ((kind, content),) = less.items()
    if kind not in type_of_sets:
        raise Invalid(
            "Invalid UpdateExpression: Incorrect operand type for operator or function; "
            f"operator: DELETE, operand type: {kind}"
        )
    if held is None:
        return None
    if kind not in held:
        raise Invalid(_WRONG_TYPE)
    members = [member for member in held[kind] if member not in content]
    return {kind: members} if members else None


def _last_index(path: Path) -> int:
    return path[-1] if isinstance(path[-1], int) else -1
