"""The expressions of one request: parsed (and cached), their placeholders checked and filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from local.dynamodb.expressions import conditions, paths, updates
from local.dynamodb.expressions.conditions import Node, Values
from local.dynamodb.expressions.paths import Path
from local.dynamodb.expressions.tokens import Cursor
from local.dynamodb.expressions.updates import Update
from local.dynamodb.refusals import Invalid
from local.dynamodb.values import check

_OLD_PARAMETERS = frozenset({
    "AttributesToGet", "AttributeUpdates", "ConditionalOperator", "Expected", "KeyConditions",
    "QueryFilter", "ScanFilter",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree and the placeholders it names."""

    tree: Any
    names: frozenset[str]
    values: frozenset[str]
    heads: frozenset[str]


class Expressions:
    """Reads the expressions of a request, and refuses placeholders nobody used or defined."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        old = sorted(_OLD_PARAMETERS & request.keys())
        if old:
            raise Invalid(f"The local cloud reads expressions only, not the legacy {old[0]}")
        self._request = request
        names: Mapping[str, str] = request.get("ExpressionAttributeNames") or {}
        self._names = names
        self._frozen = tuple(sorted(names.items()))
        self.values: Values = self._read_values()
        self._names_used: set[str] = set()
        self._values_used: set[str] = set()

    def condition(self, member: str = "ConditionExpression") -> Node | None:
        """Give the condition or filter of the request, if it has one."""
        tree: Node | None = self._parse(member)
        return tree

    def refuse_in_filter(self, names: tuple[str, ...]) -> None:
        """Refuse a filter on attributes that the key condition decides."""
        if self._request.get("FilterExpression") is None:
            return
        parsed = _parse("FilterExpression", self._request["FilterExpression"], self._frozen)
        for name in names:
            if name in parsed.heads:
                raise Invalid(
                    "Filter Expression can only contain non-primary key attributes: Primary key "
                    f"attribute: {name}"
                )

    def update(self) -> Update | None:
        """Give the update of the request, if it has one."""
        tree: Update | None = self._parse("UpdateExpression")
        return tree

    def projection(self) -> list[Path] | None:
        """Give the paths the request wants, or None for everything."""
        tree: list[Path] | None = self._parse("ProjectionExpression")
        return tree

    def option(self, member: str, allowed: tuple[str, ...]) -> str:
        """Give a member that takes one of a few words, by default the first."""
        return option(self._request, member, allowed)

    def close(self) -> None:
        """Refuse placeholders that no expression used; call it when all are read."""
        for member, given, used in (
            ("Names", self._names.keys(), self._names_used),
            ("Values", self.values.keys(), self._values_used),
        ):
            unused = sorted(given - used)
            if unused:
                raise Invalid(
                    f"Value provided in ExpressionAttribute{member} unused in expressions: "
                    f"keys: {{{', '.join(unused)}}}"
                )

    def _parse(self, member: str) -> Any:
        text = self._request.get(member)
        if text is None:
            return None
        parsed = _parse(member, text, self._frozen)
        missing = sorted(parsed.values - self.values.keys())
        if missing:
            raise Invalid(
                f"Invalid {member}: An expression attribute value used in expression is not "
                f"defined; attribute value: {missing[0]}"
            )
        self._names_used |= parsed.names
        self._values_used |= parsed.values
        return parsed.tree

    def _read_values(self) -> Values:
        given = self._request.get("ExpressionAttributeValues")
        if given is None:
            return {}
        if not given:
            raise Invalid("ExpressionAttributeValues must not be empty")
        for name in given:
            if not name.startswith(":"):
                raise Invalid(
                    f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{name}"'
                )
        return {name: check(value)[0] for name, value in given.items()}


def option(request: Mapping[str, Any], member: str, allowed: tuple[str, ...]) -> str:
    """Give a member of a request that takes one of a few words, by default the first."""
    word = request.get(member) or allowed[0]
    if word not in allowed:
        raise Invalid(
            f"1 validation error detected: Value '{word}' at '{member[0].lower()}{member[1:]}' "
            "failed to satisfy constraint: Member must satisfy enum value set: "
            f"[{', '.join(allowed)}]"
        )
    return str(word)


@lru_cache(maxsize=4096)
def _parse(member: str, text: str, names: tuple[tuple[str, str], ...]) -> Parsed:
    cursor = Cursor(member, text, dict(names))
    tree: Any
    if member == "UpdateExpression":
        tree = updates.parse(cursor)
    elif member == "ProjectionExpression":
        tree = _projection(cursor)
    else:
        tree = conditions.parse(cursor)
    return Parsed(
        tree, frozenset(cursor.names_used), frozenset(cursor.values_used), frozenset(cursor.heads)
    )


def _projection(cursor: Cursor) -> list[Path]:
    found = [cursor.path()]
    while cursor.accept(","):
        found.append(cursor.path())
    cursor.finish()
    paths.refuse_overlap(found, "ProjectionExpression")
    return found
