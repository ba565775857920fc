"""A v1 that was there before, without recovery and stream: taken as it is, prepared by consent."""

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.aws.system import SystemClock
from shared.aws.table_administration import PolicyAdministration
from shared.engine.preflight import prepare_source
from shared.engine.world import World
from shared.model.environment import LOCAL
from tests.e2e.apart import deployed_apart
from tests.e2e.cloud import Cloud
from tests.unit.engine.conductor import stage

pytestmark = pytest.mark.e2e

RECORDS = generate(31, 40)
V1 = MIGRATION.source


@pytest.fixture(scope="module")
def adopting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy around a bare v1 that holds records already."""
    folder = tmp_path_factory.mktemp("adopting")
    with deployed_apart(folder, "adopted", before=_make_bare_v1) as cloud:
        cloud.put(cloud.v1, RECORDS)
        yield cloud


def test_an_adopted_v1_when_it_lacks_something_is_named_and_then_prepared_and_moved(
    adopting: Cloud,
) -> None:
    refused = adopting.end(adopting.begin("migrate", approve="auto", until="READ_V2"))
    assert (refused.status, refused.error) == ("FAILED", "GuardRefused")
    assert "source-point-in-time-recovery" in refused.cause["message"]
    assert "source-stream" in refused.cause["message"]
    assert prepare_source(_operator(adopting), actor="Ada") == (
        "point-in-time recovery",
        "stream",
    )
    output = adopting.run("migrate", approve="auto", until="READ_V2")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_V2")
    moved = adopting.items(adopting.v2)
    assert moved == {str(item["PK"]): MIGRATION.up(item) for item in RECORDS}
    assert adopting.run("rollback")["phase"] == "OFF"
    assert {str(item["PK"]) for item in RECORDS} == set(adopting.items(adopting.v1))


def _make_bare_v1(port: int) -> None:
    """Make v1 as somebody made it years ago: with its indexes, and nothing else."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=f"http://localhost:{port}",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    names = {*V1.keys.names, *(name for index in V1.indexes for name in index.keys.names)}
    client.create_table(
        TableName=V1.name,
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in sorted(names)],
        KeySchema=_schema(V1.keys.names),
        GlobalSecondaryIndexes=[
            {
                "IndexName": index.name,
                "KeySchema": _schema(index.keys.names),
                "Projection": {"ProjectionType": "ALL"},
            }
            for index in V1.indexes
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _schema(names: tuple[str, ...]) -> list[dict[str, str]]:
    return [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
    ]


def _operator(cloud: Cloud) -> World:
    """Return an operator's world in the adopting environment, with v1's own administration."""
    world = stage().world
    return replace(
        world,
        environment=replace(LOCAL, source="adopted"),
        administration=PolicyAdministration(cloud.client("dynamodb"), MIGRATION),
        clock=SystemClock(),
    )
