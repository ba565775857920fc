"""The deployed local cloud as an operator sees it who has boto3, HTTP, and nothing of ours."""

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from demo.stage import Stage
from shared.model.item import Item, decode, encode

MACHINES = {
    "migrate": "MigrateStateMachineArn",
    "backfill": "BackfillStateMachineArn",
    "validate": "ValidateStateMachineArn",
    "rollback": "RollbackStateMachineArn",
}
PATIENCE = 120.0
BATCH = 25


@dataclass(frozen=True, slots=True)
class Ended:
    """How an execution ended: its output, or its error with its cause, parsed."""

    status: str
    output: dict[str, Any]
    error: str
    cause: dict[str, Any]


class Cloud(Stage):
    """What the tests do to the cloud and read from it."""

    def begin(self, machine: str, **given: Any) -> str:
        """Start a state machine for the migration and return the execution's ARN."""
        return self.begin_with(machine, {"migration": self.migration, **given})

    def begin_with(self, machine: str, given: Any) -> str:
        """Start a state machine with exactly this input."""
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=self.outputs[MACHINES[machine]], input=json.dumps(given)
        )
        return str(started["executionArn"])

    def end(self, execution: str) -> Ended:
        """Wait until an execution has ended, however it does."""

        def ended() -> dict[str, Any] | None:
            found = self.client("stepfunctions").describe_execution(executionArn=execution)
            return None if found["status"] == "RUNNING" else dict(found)

        found = eventually(ended)
        return Ended(
            found["status"],
            json.loads(found.get("output") or "{}"),
            found.get("error", ""),
            json.loads(found.get("cause") or "{}"),
        )

    def run(self, machine: str, **given: Any) -> dict[str, Any]:
        """Run a state machine and return its output; one that fails fails the test."""
        ended = self.end(self.begin(machine, **given))
        assert ended.status == "SUCCEEDED", ended
        return ended.output

    def document(self, uri: str) -> dict[str, Any]:
        """Return a JSON document in S3."""
        bucket, _, name = uri.removeprefix("s3://").partition("/")
        body = self.client("s3").get_object(Bucket=bucket, Key=name)["Body"]
        return dict(json.load(body))

    # -- tables

    @property
    def v1(self) -> str:
        """Return the name of v1."""
        return self.outputs["SourceTableName"]

    @property
    def v2(self) -> str:
        """Return the name of v2."""
        return self.outputs["TargetTableName"]

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the names of all four tables, in which the whole state is."""
        return (
            self.v1,
            self.v2,
            self.outputs["ControlTableName"],
            self.outputs["LedgerTableName"],
        )

    def stored(self, table: str) -> Iterator[dict[str, Any]]:
        """Yield all items of a table in DynamoDB JSON, read strongly."""
        pages = self.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=table, ConsistentRead=True):
            yield from page["Items"]

    def items(self, table: str) -> dict[str, Item]:
        """Return all items of v1 or v2 by their partition key."""
        return {str(item["PK"]): item for item in map(decode, self.stored(table))}

    def put(self, table: str, items: Iterable[Item]) -> None:
        """Put items as an application without our wrapper would."""
        self._batch(table, [{"PutRequest": {"Item": encode(item)}} for item in items])

    def empty(self, table: str) -> None:
        """Delete every item of a table."""
        described = self.client("dynamodb").describe_table(TableName=table)["Table"]
        names = [each["AttributeName"] for each in described["KeySchema"]]
        keys = [{name: item[name] for name in names} for item in self.stored(table)]
        self._batch(table, [{"DeleteRequest": {"Key": key}} for key in keys])

    def _batch(self, table: str, requests: list[dict[str, Any]]) -> None:
        client = self.client("dynamodb")
        for start in range(0, len(requests), BATCH):
            left = requests[start : start + BATCH]
            while left:
                answer = client.batch_write_item(RequestItems={table: left})
                left = answer["UnprocessedItems"].get(table, [])

    # -- the control item and the ledger, which only tests look into

    def control(self) -> Item:
        """Return the control item; one that was never written is empty."""
        found = [decode(item) for item in self.stored(self.outputs["ControlTableName"])]
        return found[0] if found else {}

    def phase(self) -> str:
        """Return the phase by the control item."""
        return str(self.control().get("phase", "OFF"))

    def quiet(self) -> bool:
        """Tell whether the alarm that watches the migration is not on."""
        found = self.client("cloudwatch").describe_alarms(
            AlarmNames=[f"cutover-{self.migration}-watch"], AlarmTypes=["CompositeAlarm"]
        )
        return all(each["StateValue"] != "ALARM" for each in found["CompositeAlarms"])

    def ledger(self, sort: str) -> list[Item]:
        """Return the ledger's items whose sort key begins with a text."""
        every = map(decode, self.stored(self.outputs["LedgerTableName"]))
        return [item for item in every if str(item["SK"]).startswith(sort)]

    def workers(self, function: str) -> list[int]:
        """Return the process ids of a function's workers, as `cutover local status` shows them."""
        from local import lifecycle

        found = lifecycle.status(self.places).functions
        return next(each.worker_pids for each in found if each.name == function)


def eventually(look: Callable[[], Any]) -> Any:
    """Return what `look` finds as soon as it finds something; fail when it never does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing was found within {PATIENCE:.0f} s")
