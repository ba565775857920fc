"""The reference table of an in-place migration in DynamoDB (the port `References`)."""

from typing import Any

from shared.aws.errors import translated
from shared.aws.expressions import Placeholders
from shared.aws.table_descriptions import described_keys
from shared.model.declaration import TableDeclaration
from shared.model.errors import Refused
from shared.model.item import Item, Value, decode, encode
from shared.model.key import KeySchema
from shared.model.writes import Equals
from shared.ports import Page


class DynamoReferences:
    """One table that is only read."""

    def __init__(self, dynamodb: Any, table: TableDeclaration | None) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def partition(self, value: Value) -> list[Item]:
        """Return all items of a partition, each as it is by a strongly consistent read."""
        table, found = self._declared(), []
        holders = Placeholders()
        wanted = holders.condition(Equals(table.keys.partition, value))
        members = holders.request(
            TableName=table.name, KeyConditionExpression=wanted, ConsistentRead=True
        )
        cursor: Item | None = None
        while True:
            page = self._page("query", cursor, **members)
            found += page.items
            if page.cursor is None:
                return found
            cursor = page.cursor

    def scan(self, cursor: Item | None, limit: int) -> Page:
        """Return one page of all items."""
        return self._page("scan", cursor, TableName=self._declared().name, Limit=limit)

    def keys(self) -> tuple[str, KeySchema]:
        """Return the table's status and key as they are; raise TableGone when there is none."""
        return described_keys(self._dynamodb, self._declared().name)

    def _declared(self) -> TableDeclaration:
        if self._table is None:
            raise Refused("the migration declares no reference table")
        return self._table

    def _page(self, operation: str, cursor: Item | None, **members: Any) -> Page:
        start = {} if cursor is None else {"ExclusiveStartKey": encode(cursor)}
        with translated(writes=False):
            answer = getattr(self._dynamodb, operation)(**members, **start)
        last = answer.get("LastEvaluatedKey")
        return Page([decode(each) for each in answer["Items"]], decode(last) if last else None)
