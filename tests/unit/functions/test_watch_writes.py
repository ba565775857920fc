"""The watch as Lambda calls it: whose record is whose, partial failures, each key once."""

from decimal import Decimal
from typing import Any

import pytest

from functions.watch_writes import handler as watching
from functions.watch_writes.changes import changed_key
from functions.watch_writes.handler import handler
from migrations.personnel.migration import MIGRATION
from shared import bootstrap
from shared.memory.clock import MemoryClock
from shared.model.errors import InvalidInput, LeaseLost, TableGone
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, stage
from tests.unit.functions.invocation import Context

NOW = MemoryClock().wall()
TABLES = {Side.SOURCE: MIGRATION.source.name, Side.TARGET: MIGRATION.target.name}


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> Conductor:
    conductor = stage(
        *[legacy(name, full_name=name) for name in ("A", "B", "C")], phase=Phase.VALIDATE
    )
    monkeypatch.setattr(bootstrap, "world", lambda _environ: conductor.world)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "test")
    monkeypatch.setenv("CUTOVER_MIGRATION", "personnel")
    return conductor


def record(
    name: str, number: int, side: Side = Side.TARGET, written_at: float = NOW
) -> dict[str, Any]:
    return {
        "eventID": str(number),
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "eventSourceARN": f"arn:aws:dynamodb:us-east-1:1:table/{TABLES[side]}/stream/2026",
        "dynamodb": {
            "Keys": {"PK": {"S": f"EMPLOYEE#{name}"}, "SK": {"S": "PROFILE"}},
            "SequenceNumber": str(number),
            "ApproximateCreationDateTime": written_at,
        },
    }


def failures(*records: dict[str, Any]) -> list[str]:
    answer = handler({"Records": list(records)}, Context())
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.mark.parametrize("side", Side)
def test_a_batch_when_a_table_was_written_past_the_wrapper_voids_the_certificate(
    proven: Conductor, side: Side
) -> None:
    item = proven.stored(Side.TARGET, key("A")) or {}
    proven.load(Side.TARGET, {**item, "hourly_rate": Decimal(9)})
    assert failures(record("A", 1, side), record("B", 2, side), record("A", 3, side)) == []
    assert proven.stored(Side.TARGET, key("A")) != item
    assert not proven.certificate_granted()


def test_a_batch_when_its_first_record_is_too_old_voids_the_certificate(proven: Conductor) -> None:
    old = NOW - proven.world.environment.stream_lag
    assert failures(record("A", 1, written_at=proven.world.clock.wall() - 1)) == []
    assert proven.certificate_granted()
    assert failures(record("A", 1, written_at=old - 1), record("B", 2)) == []
    assert not proven.certificate_granted()


def test_a_batch_when_a_key_cannot_be_compared_is_reported_from_there(
    proven: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_world: object, key: Key) -> None:
        if "B" in str(key.partition):
            raise LeaseLost("no phase")

    monkeypatch.setattr(watching, "suspects", lambda _world, keys: list(keys))
    monkeypatch.setattr(watching, "examine", refuse)
    assert failures(record("A", 1), record("B", 2), record("C", 3)) == ["2"]
    assert failures(record("B", 4)) == ["4"]


def test_a_key_when_it_comes_often_in_a_batch_is_examined_once(
    proven: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    examined: list[Key] = []
    monkeypatch.setattr(watching, "suspects", lambda _world, keys: list(keys))
    monkeypatch.setattr(watching, "examine", lambda _world, each: examined.append(each))
    assert failures(*[record("A", number) for number in range(5)], record("C", 6)) == []
    assert examined == [key("A"), key("C")]


def test_a_table_that_is_gone_is_no_reason_to_try_again(
    proven: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_world: object, _key: Key) -> None:
        raise TableGone("another table")

    monkeypatch.setattr(watching, "suspects", lambda _world, keys: list(keys))
    monkeypatch.setattr(watching, "examine", gone)
    assert failures(record("A", 1)) == []


def test_a_record_of_another_table_is_refused() -> None:
    from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

    strange = record("A", 1)
    strange["eventSourceARN"] = "arn:aws:dynamodb:us-east-1:1:table/other/stream/2026"
    with pytest.raises(InvalidInput, match="other is no table of personnel"):
        changed_key(MIGRATION, DynamoDBRecord(strange))
