"""Both tables of a migration in DynamoDB (the port `Tables`)."""

from collections.abc import Sequence
from typing import Any

from shared.aws.dynamodb_inserts import Inserts
from shared.aws.errors import translated
from shared.aws.expressions import Placeholders, Request, member, request
from shared.aws.patience import attempts
from shared.aws.table_descriptions import described
from shared.model.declaration import Migration, TableDeclaration
from shared.model.errors import Refused
from shared.model.item import Item, Value, WireItem, decode, encode
from shared.model.key import Key
from shared.model.writes import Action, Check, Delete, Equals, Put, Side, Update
from shared.ports import Clock, InsertResult, Page, TableDescription

GET_BATCH = 100
TRANSACTION_LIMIT = 100


class DynamoTables:
    """Two tables behind one client of DynamoDB; table names come from the declaration."""

    def __init__(self, dynamodb: Any, migration: Migration, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._declared = migration.tables
        self._clock = clock
        self._inserts = {
            side: Inserts(dynamodb, declared, clock) for side, declared in self._declared.items()
        }

    def get(self, side: Side, key: Key) -> Item | None:
        """Return one item by a strongly consistent read."""
        with translated(writes=False):
            answer = self._dynamodb.get_item(**self._named(side, key), ConsistentRead=True)
        return _decoded(answer.get("Item"))

    def get_many(self, side: Side, keys: Sequence[Key]) -> list[Item | None]:
        """Return items in the order of their keys, each by a strongly consistent read."""
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Item] = {}
        for at in range(0, len(wanted), GET_BATCH):
            for item in self._batch(self._declared[side], wanted[at : at + GET_BATCH]):
                found[self._declared[side].keys.key_of(item)] = item
        return [found.get(key) for key in keys]

    def get_together(self, keys: Sequence[tuple[Side, Key]]) -> list[Item | None]:
        """Return items of both tables as they were at one moment (TransactGetItems)."""
        with translated(writes=False):
            answer = self._dynamodb.transact_get_items(
                TransactItems=[{"Get": self._named(side, key)} for side, key in keys]
            )
        return [_decoded(each.get("Item")) for each in answer["Responses"]]

    def write(self, action: Action) -> Item | None:
        """Do one write and return the new item of a put or update, the old one of a delete."""
        with translated(writes=True):
            rendered = request(action, self._declared[action.side])
            match action:
                case Put():
                    self._dynamodb.put_item(**rendered)
                    return decode(rendered["Item"])
                case Update():
                    answer = self._dynamodb.update_item(**rendered, ReturnValues="ALL_NEW")
                case Delete():
                    answer = self._dynamodb.delete_item(**rendered, ReturnValues="ALL_OLD")
                case Check():
                    raise Refused("a check is part of a transaction, not a write of its own")
        return _decoded(answer.get("Attributes"))

    def write_together(self, actions: Sequence[Action], token: str) -> None:
        """Do all writes or none; the same token with the same actions takes effect once."""
        with translated(writes=True):
            self._dynamodb.transact_write_items(
                TransactItems=[member(action, self._declared[action.side]) for action in actions],
                ClientRequestToken=token,
            )

    def insert_absent(self, side: Side, items: Sequence[Item]) -> InsertResult:
        """Store each item whose key is absent; what is there is never overwritten."""
        return self._inserts[side].insert(items)

    def scan(
        self, side: Side, segment: int, total: int, cursor: Item | None, limit: int, *, strong: bool
    ) -> Page:
        """Return one page of one parallel scan segment."""
        return self._page(
            "scan",
            cursor,
            TableName=self._declared[side].name,
            Segment=segment,
            TotalSegments=total,
            Limit=limit,
            ConsistentRead=strong,
        )

    def scan_index(
        self, side: Side, index: str, segment: int, total: int, cursor: Item | None, limit: int
    ) -> Page:
        """Return one page of an index's entries, keys only; equal partition values are neighbours.

        DynamoDB keeps the items of a partition value together and sorted ("Partitions and data
        distribution"), and a scan segment is a range of partitions.
        """
        declared = self._declared[side]
        names = dict.fromkeys((*declared.index(index).keys.names, *declared.keys.names))
        holders = {f"#k{number}": name for number, name in enumerate(names)}
        return self._page(
            "scan",
            cursor,
            TableName=declared.name,
            IndexName=index,
            ProjectionExpression=", ".join(holders),
            ExpressionAttributeNames=holders,
            Segment=segment,
            TotalSegments=total,
            Limit=limit,
        )

    def query(
        self, side: Side, index: str, values: Sequence[Value], cursor: Item | None, limit: int
    ) -> Page:
        """Return one page of an index's entries with these key values, in the index's order."""
        declared = self._declared[side]
        names = declared.index(index).keys.names
        if not 1 <= len(values) <= len(names):
            raise Refused(f"{len(values)} key values; the index has {len(names)} keys")
        holders = Placeholders()
        with translated(writes=False):
            # Key conditions take no parentheses around their parts in every engine.
            wanted = " AND ".join(
                holders.condition(Equals(name, value))
                for name, value in zip(names, values, strict=False)
            )
        members = holders.request(TableName=declared.name, IndexName=index, Limit=limit)
        return self._page("query", cursor, KeyConditionExpression=wanted, **members)

    def describe(self, side: Side) -> TableDescription:
        """Return what a table says of itself; raise TableGone when there is none."""
        return described(self._dynamodb, self._declared[side].name)

    def _named(self, side: Side, key: Key) -> Request:
        declared = self._declared[side]
        return {"TableName": declared.name, "Key": encode(declared.keys.attributes(key))}

    def _batch(self, declared: TableDeclaration, keys: Sequence[Key]) -> list[Item]:
        """Return the items there are under at most a hundred different keys."""
        found: list[Item] = []
        with translated(writes=False):
            pending: list[WireItem] = [encode(declared.keys.attributes(key)) for key in keys]
            for _ in attempts(self._clock, f"reading {declared.name}"):
                answer = self._dynamodb.batch_get_item(
                    RequestItems={declared.name: {"Keys": pending, "ConsistentRead": True}}
                )
                found += map(decode, answer["Responses"].get(declared.name, []))
                pending = answer.get("UnprocessedKeys", {}).get(declared.name, {}).get("Keys", [])
                if not pending:
                    break
        return found

    def _page(self, operation: str, cursor: Item | None, **members: Any) -> Page:
        with translated(writes=False):
            answer = getattr(self._dynamodb, operation)(**members, **_starting(cursor))
        items = [decode(each) for each in answer["Items"]]
        return Page(items, _decoded(answer.get("LastEvaluatedKey")))


def _starting(cursor: Item | None) -> Request:
    return {} if cursor is None else {"ExclusiveStartKey": encode(cursor)}


def _decoded(wire: WireItem | None) -> Item | None:
    return decode(wire) if wire else None
