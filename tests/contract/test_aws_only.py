"""What only the AWS adapters can be asked: policies of others, tables being deleted."""

import json
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from typing import Any

import pytest

from shared.aws.dynamodb_rows import Rows
from shared.aws.dynamodb_tables import DynamoTables
from shared.aws.ledger_layout import partitions
from shared.aws.system import RandomIds, SystemClock
from shared.memory.clock import MemoryClock
from shared.model.control import Approval, AuditEntry
from shared.model.errors import AlreadyRunning, Throttled
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.shadow import ShadowTally
from shared.model.writes import Side
from tests.contract.engines import Engine, source_item
from tests.contract.server_cloud import LEDGER, ServerCloud
from tests.contract.test_ledger import finding, run, segment


@pytest.fixture
def aws(cloud: ServerCloud) -> Engine:
    return cloud.engine()


def test_statements_of_others_stay_in_the_policy(aws: Engine, cloud: ServerCloud) -> None:
    arn = aws.tables.describe(Side.SOURCE).arn
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "dynamodb:GetItem",
        "Resource": arn,
    }
    policy = {"Version": "2012-10-17", "Statement": theirs}
    cloud.dynamodb.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy))
    aws.administration.deny_writes(Side.SOURCE)
    assert aws.administration.writes_denied(Side.SOURCE)
    aws.administration.allow_writes(Side.SOURCE)
    aws.administration.allow_writes(Side.SOURCE)
    left = json.loads(cloud.dynamodb.get_resource_policy(ResourceArn=arn)["Policy"])
    assert left["Statement"] == [theirs]


def test_closing_twice_writes_the_policy_once(aws: Engine, cloud: ServerCloud) -> None:
    arn = aws.tables.describe(Side.SOURCE).arn
    aws.administration.deny_writes(Side.SOURCE)
    revision = cloud.dynamodb.get_resource_policy(ResourceArn=arn)["RevisionId"]
    aws.administration.deny_writes(Side.SOURCE)
    assert cloud.dynamodb.get_resource_policy(ResourceArn=arn)["RevisionId"] == revision


def test_of_many_runs_that_begin_at_once_one_wins_and_the_others_name_it(aws: Engine) -> None:
    def begin(number: int) -> str:
        try:
            aws.ledger.begin(run(aws, number), "work", None)
        except AlreadyRunning as refused:
            return str(refused.run_id)
        return run(aws, number).run_id

    with ThreadPoolExecutor(8) as pool:
        named = set(pool.map(begin, range(8)))
    assert named == {aws.ledger.holder(aws.name, "work")}
    assert [each.run_id for each in aws.ledger.runs(aws.name, 10)] == list(named)


class Sparing:
    """A client that answers batches only in part, as DynamoDB does when it is busy."""

    def __init__(self, dynamodb: Any, share: int) -> None:
        self._dynamodb = dynamodb
        self._share = share

    def batch_get_item(self, **request: Any) -> Any:
        ((table, asked),) = request["RequestItems"].items()
        done, left = asked["Keys"][: self._share], asked["Keys"][self._share :]
        if not done:
            return {"Responses": {}, "UnprocessedKeys": {table: {**asked, "Keys": left}}}
        answer = self._dynamodb.batch_get_item(RequestItems={table: {**asked, "Keys": done}})
        answer["UnprocessedKeys"] = {table: {**asked, "Keys": left}} if left else {}
        return answer

    def batch_write_item(self, **request: Any) -> Any:
        ((table, asked),) = request["RequestItems"].items()
        done, left = asked[: self._share], asked[self._share :]
        answer = self._dynamodb.batch_write_item(RequestItems={table: done})
        answer["UnprocessedItems"] = {table: left} if left else {}
        return answer


def test_keys_that_were_not_processed_are_asked_for_again(aws: Engine, cloud: ServerCloud) -> None:
    items = [source_item(f"e{n}") for n in range(10)]
    aws.tables.insert_absent(Side.SOURCE, items)
    clock = MemoryClock()
    keys = [Key(f"e{n}", "PROFILE") for n in range(10)]
    tables = DynamoTables(Sparing(cloud.dynamodb, 4), aws.migration, clock)
    assert tables.get_many(Side.SOURCE, keys) == items
    assert clock.monotonic() > 0
    starved = DynamoTables(Sparing(cloud.dynamodb, 0), aws.migration, clock)
    with pytest.raises(Throttled):
        starved.get_many(Side.SOURCE, keys)


def test_rows_that_were_not_processed_are_stored_again(cloud: ServerCloud) -> None:
    partition = RandomIds().new()
    rows = Rows(Sparing(cloud.dynamodb, 7), LEDGER, MemoryClock())
    items = [{"PK": partition, "SK": f"{n:03d}"} for n in range(30)]
    rows.store_all([*items, items[0]])
    stored = Rows(cloud.dynamodb, LEDGER, SystemClock()).beneath(partition)
    assert list(stored) == items


def test_ledger_reads_more_than_a_page(aws: Engine, cloud: ServerCloud) -> None:
    """A page of a query ends at 1 MB; what is beneath a partition goes on behind it."""
    partition = RandomIds().new()
    rows = Rows(cloud.dynamodb, LEDGER, SystemClock())
    rows.store_all([{"PK": partition, "SK": f"{n}", "body": "x" * 300_000} for n in range(8)])
    assert [item["SK"] for item in rows.beneath(partition)] == [str(n) for n in range(8)]
    newest = rows.beneath(partition, newest_first=True, limit=5)
    assert [item["SK"] for item in newest] == ["7", "6", "5", "4", "3"]


def test_ids_are_fresh() -> None:
    ids = RandomIds()
    assert len({ids.new() for _ in range(100)}) == 100


def test_everything_in_the_ledger_stands_where_its_migrations_roles_may_go(
    aws: Engine, cloud: ServerCloud
) -> None:
    own, ledger = run(aws), aws.ledger
    ledger.begin(own, "work", None)
    ledger.open_segments([segment(own)])
    ledger.checkpoint(segment(own), [finding(own, "a")])
    ledger.claim(own.run_id, "told")
    ledger.store_keys(aws.name, "digest", ["a"])
    ledger.wait_for_approval(aws.name, "READ_N", "token")
    audit = AuditEntry(aws.name, 1.0, 1, "approve", "ada", "")
    ledger.approve(Approval(aws.name, Phase.READ_N, 1, "ada", 1.0, ""), audit)
    ledger.count_reads(ShadowTally(aws.name, 1, Phase.SHADOW_READ, 0, 1.0, 2.0, equal=1))
    pages = cloud.dynamodb.get_paginator("scan").paginate(TableName=LEDGER, ConsistentRead=True)
    found = [item["PK"]["S"] for page in pages for item in page["Items"]]
    places = {place for place in found if aws.name in place.split("#")}
    assert len(places) == len(partitions(aws.name))
    for place in places:
        assert [each for each in partitions(aws.name) if fnmatchcase(place, each)]
        assert not [each for each in partitions(f"{aws.name}-2") if fnmatchcase(place, each)]


def test_a_run_of_another_migration_is_in_another_part_of_the_ledger(cloud: ServerCloud) -> None:
    one, other = cloud.engine(), cloud.engine()
    one.ledger.begin(run(one), "work", None)
    assert one.ledger.load(run(one).run_id) == run(one)
    assert other.ledger.load(run(one).run_id) is None
