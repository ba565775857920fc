"""A whole journey on AWS's DynamoDB Local: deployed, migrated, validated, archived, rolled back."""

from collections.abc import Iterator
from typing import Any

import pytest

from local import lifecycle
from local.places import Places
from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from tests.dynamodb_local import require_dynamodb_local
from tests.e2e.cloud import Cloud
from tests.local.conftest import free_port

pytestmark = pytest.mark.e2e

COUNT = 200
RECORDS = {str(item["PK"]): item for item in generate(3, COUNT)}
IMAGES = {key: MIGRATION.up(item) for key, item in RECORDS.items()}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy everything on DynamoDB Local, with records in v1."""
    require_dynamodb_local()
    places = Places(tmp_path_factory.mktemp("journey"))
    lifecycle.up(free_port(), detach=True, dynamodb="local", places=places)
    try:
        lifecycle.deploy(places=places)
        deployed = Cloud(places, "personnel")
        deployed.put(deployed.v1, RECORDS.values())
        yield deployed
    finally:
        lifecycle.down(places)


@pytest.fixture(scope="module")
def migrated(cloud: Cloud) -> dict[str, Any]:
    """Give the output of the journey to READ_V2."""
    return cloud.run("migrate", approve="auto", until="READ_V2")


@pytest.fixture(scope="module")
def validated(cloud: Cloud, migrated: dict[str, Any]) -> dict[str, Any]:
    """Give the output of a full validation in READ_V2."""
    return cloud.run("validate")


@pytest.fixture(scope="module")
def archived(cloud: Cloud, validated: dict[str, Any]) -> dict[str, Any]:
    """Give the output of the way on, through single-write to the archive."""
    return cloud.run("migrate", approve="auto", until="ARCHIVED")


@pytest.fixture(scope="module")
def rolled_back(cloud: Cloud, archived: dict[str, Any]) -> dict[str, Any]:
    """Give the output of the way back to OFF."""
    return cloud.run("rollback")


def test_deployed_tables_have_what_moto_keeps(cloud: Cloud) -> None:
    client = cloud.client("dynamodb")
    for table in (cloud.v1, cloud.v2):
        described = client.describe_table(TableName=table)["Table"]
        assert described["SSEDescription"]["Status"] == "ENABLED"
        assert described["LatestStreamArn"].startswith(described["TableArn"])
        backups = client.describe_continuous_backups(TableName=table)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


def test_migrate_puts_every_record_into_v2_after_a_backup(
    cloud: Cloud, migrated: dict[str, Any]
) -> None:
    assert (migrated["status"], migrated["phase"]) == ("SUCCEEDED", "READ_V2")
    assert (migrated["scanned"], migrated["written"]) == (COUNT, COUNT)
    assert cloud.items(cloud.v2) == IMAGES
    exports = cloud.client("dynamodb").list_exports()["ExportSummaries"]
    assert [each["ExportStatus"] for each in exports] == ["COMPLETED"]
    found = cloud.client("dynamodb").describe_export(ExportArn=exports[0]["ExportArn"])
    assert found["ExportDescription"]["ItemCount"] == COUNT


def test_validate_finds_both_tables_and_every_index_alike(
    cloud: Cloud, validated: dict[str, Any]
) -> None:
    assert (validated["scanned"], validated["mismatched"]) == (COUNT, 0)
    indexes = cloud.document(validated["report"])["facts"]["indexes"]
    assert set(indexes) == {each.name for each in MIGRATION.target.indexes}
    assert all(counted["expected"] == counted["found"] > 0 for counted in indexes.values())


def test_archive_is_reached_through_single_write(cloud: Cloud, archived: dict[str, Any]) -> None:
    assert (archived["status"], archived["phase"]) == ("SUCCEEDED", "ARCHIVED")
    exports = cloud.client("dynamodb").list_exports()["ExportSummaries"]
    assert [each["ExportStatus"] for each in exports] == ["COMPLETED"] * 2


def test_rollback_from_the_archive_leaves_v1_as_it_was(
    cloud: Cloud, rolled_back: dict[str, Any]
) -> None:
    assert (rolled_back["status"], rolled_back["phase"]) == ("SUCCEEDED", "OFF")
    assert cloud.phase() == "OFF"
    assert cloud.items(cloud.v1) == RECORDS
