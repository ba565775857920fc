"""UpdateTable's rules for indexes: one at a time, filled from the items, attributes merged.

moto takes several at once, replaces the attribute definitions by those of the request, and answers
a wrong index name with an internal error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.dynamodb.exceptions import DynamodbException, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table

from local.dynamodb.tables import LOCK
from local.mend import replace

Change = Mapping[str, Mapping[str, Any]]


class TooManyChanges(DynamodbException):
    """More than one index was to be created or deleted at once."""

    def __init__(self) -> None:
        super().__init__(
            "com.amazonaws.dynamodb.v20120810#LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted "
            "simultaneously per table",
        )


def install() -> None:
    """Hold UpdateTable to AWS's rules."""
    replace(DynamoDBBackend, "update_table", _by_the_rules(DynamoDBBackend.update_table))


def _by_the_rules(update: Callable[..., Table]) -> Callable[..., Table]:
    def update_table(
        self: DynamoDBBackend,
        name: str,
        attr_definitions: list[dict[str, str]] | None,
        global_index: list[Change] | None,
        **rest: Any,
    ) -> Table:
        with LOCK:
            table = self.get_table(name)
            changes = global_index or []
            merged = merge(table.attr, attr_definitions or [])
            _check(table, changes, {one["AttributeName"] for one in merged})
            update(self, name, attr_definitions=merged, global_index=changes, **rest)
            table.attr = [one for one in table.attr if one["AttributeName"] in _used(table)]
        return table

    return update_table


def merge(
    held: Iterable[Mapping[str, str]], given: Iterable[Mapping[str, str]]
) -> list[dict[str, str]]:
    """Add attribute definitions to those a table has."""
    types = {one["AttributeName"]: one["AttributeType"] for one in (*held, *given)}
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


def _check(table: Table, changes: list[Change], defined: set[str]) -> None:
    names = {index.name for index in table.all_indexes()}
    created = [change["Create"] for change in changes if change.get("Create")]
    gone = [change["Delete"] for change in changes if change.get("Delete")]
    if len(created) + len(gone) > 1:
        raise TooManyChanges
    for index in created:
        if index["IndexName"] in names:
            raise MockValidationException("Attempting to create an index which already exists")
        for key in index["KeySchema"]:
            if key["AttributeName"] not in defined:
                raise MockValidationException(
                    "One or more parameter values were invalid: Some index key attributes are "
                    f"not defined in AttributeDefinitions. Keys: [{key['AttributeName']}]"
                )
    updated = [change["Update"] for change in changes if change.get("Update")]
    for index in (*gone, *updated):
        if index["IndexName"] not in names:
            raise MockValidationException(
                f"The table does not have the specified index: {index['IndexName']}"
            )


def _used(table: Table) -> set[str]:
    schemas = (table.schema, *(index.schema for index in table.all_indexes()))
    return {key["AttributeName"] for schema in schemas for key in schema}
