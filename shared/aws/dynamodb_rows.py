"""One table of DynamoDB with text keys PK and SK, as the ledger and the control table use it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from shared.aws import expressions
from shared.aws.errors import translated
from shared.aws.expressions import Placeholders, Request
from shared.aws.patience import attempts
from shared.model.errors import Contended
from shared.model.item import Item, Value, WireItem, decode, encode
from shared.model.writes import Condition
from shared.ports import Clock

WRITE_BATCH = 25
NO_CHANGE: Mapping[str, Value] = {}


class Rows:
    """The items of one table; reads are strongly consistent, writes wait out contention."""

    def __init__(self, dynamodb: Any, table: str, clock: Clock) -> None:
        self._dynamodb = dynamodb
        self._clock = clock
        self.table = table

    def get(self, key: Item) -> Item | None:
        """Return an item."""
        with translated(writes=False):
            answer = self._dynamodb.get_item(
                TableName=self.table, Key=encode(key), ConsistentRead=True
            )
        return decode(answer["Item"]) if "Item" in answer else None

    def put(self, item: Item, condition: Condition | None = None) -> None:
        """Store an item."""
        with translated(writes=True):
            self._dynamodb.put_item(**expressions.put(self.table, item, condition))

    def update(self, request: Request) -> None:
        """Do an update that `change` rendered."""
        with translated(writes=True):
            self._dynamodb.update_item(**request)

    def change(
        self,
        key: Item,
        assign: Mapping[str, Value],
        remove: Sequence[str] = (),
        condition: Condition | None = None,
        increment: str | None = None,
    ) -> Request:
        """Return the request that sets and removes attributes of an item, or counts one up."""
        return expressions.update(
            self.table,
            key,
            assign=assign,
            default=NO_CHANGE,
            remove=remove,
            increment=increment,
            condition=condition,
        )

    def together(self, *members: Request) -> None:
        """Do all writes or none; contention is waited out, since nothing was written."""
        for _ in attempts(self._clock, f"writing to {self.table}"):
            try:
                with translated(writes=True):
                    self._dynamodb.transact_write_items(TransactItems=list(members))
            except Contended:
                continue
            return

    def store_all(self, items: Sequence[Item]) -> None:
        """Store items in batches, with no condition; of equal keys the last one counts."""
        latest = {(item["PK"], item["SK"]): item for item in items}
        rows = [{"PutRequest": {"Item": encode(item)}} for item in latest.values()]
        for at in range(0, len(rows), WRITE_BATCH):
            self._store_batch(rows[at : at + WRITE_BATCH])

    def beneath(
        self,
        partition: str,
        prefix: str = "",
        *,
        newest_first: bool = False,
        limit: int | None = None,
    ) -> Iterator[Item]:
        """Yield the items of a partition whose sort key begins so, in order."""
        holders = Placeholders()
        wanted = f"{holders.name('PK')} = {holders.value(partition)}"
        if prefix:
            wanted += f" AND begins_with({holders.name('SK')}, {holders.value(prefix)})"
        request = holders.request(
            TableName=self.table,
            KeyConditionExpression=wanted,
            ConsistentRead=True,
            ScanIndexForward=not newest_first,
        )
        given = 0
        while limit is None or given < limit:
            room = {} if limit is None else {"Limit": limit - given}
            with translated(writes=False):
                answer = self._dynamodb.query(**request, **room)
            yield from map(decode, answer["Items"])
            given += len(answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _store_batch(self, rows: list[dict[str, dict[str, WireItem]]]) -> None:
        for _ in attempts(self._clock, f"writing to {self.table}"):
            with translated(writes=True):
                answer = self._dynamodb.batch_write_item(RequestItems={self.table: rows})
            rows = answer.get("UnprocessedItems", {}).get(self.table, [])
            if not rows:
                return
