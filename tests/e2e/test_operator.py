"""The whole job by boto3 alone: put items, migrate, query, validate, roll back."""

from collections import defaultdict
from typing import Any

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.model.item import decode, encode_value
from tests.e2e.cloud import Cloud, Ended

pytestmark = pytest.mark.e2e

COUNT = 80
COUNTED = (
    "scanned",
    "written",
    "already_present",
    "skipped",
    "ambiguous",
    "failed",
    "excluded",
    "mismatched",
    "repaired",
)
FIELDS = {"run_id", "migration", "status", "phase", "started_at", "finished_at", "report", *COUNTED}
RECORDS = {str(item["PK"]): item for item in generate(1, COUNT)}
IMAGES = {key: MIGRATION.up(item) for key, item in RECORDS.items()}


@pytest.fixture(scope="module")
def migrated(cloud: Cloud) -> Ended:
    cloud.put(cloud.v1, RECORDS.values())
    given = {"migration": "personnel", "approve": "auto", "until": "READ_V2"}
    return cloud.end(cloud.begin_with("migrate", given))


@pytest.fixture(scope="module")
def validated(cloud: Cloud, migrated: Ended) -> Ended:
    return cloud.end(cloud.begin_with("validate", {"migration": "personnel"}))


@pytest.fixture(scope="module")
def rolled_back(cloud: Cloud, validated: Ended) -> Ended:
    return cloud.end(cloud.begin_with("rollback", {"migration": "personnel"}))


def test_migrate_when_done_outputs_the_summary_of_its_run(migrated: Ended) -> None:
    output = migrated.output
    assert set(output) == FIELDS
    assert (output["migration"], output["status"], output["phase"]) == (
        "personnel",
        "SUCCEEDED",
        "READ_V2",
    )
    counts = {name: output[name] for name in COUNTED}
    assert counts == dict.fromkeys(COUNTED, 0) | {"scanned": COUNT, "written": COUNT}
    assert output["started_at"] < output["finished_at"]


def test_migrate_when_done_has_put_every_record_into_v2(cloud: Cloud, migrated: Ended) -> None:
    assert cloud.items(cloud.v2) == IMAGES
    assert cloud.items(cloud.v1) == RECORDS


@pytest.mark.parametrize("index", [each.name for each in MIGRATION.target.indexes])
def test_each_index_of_v2_when_queried_finds_its_records(
    cloud: Cloud, migrated: Ended, index: str
) -> None:
    names = MIGRATION.target.index(index).keys.names
    expected: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for key, image in IMAGES.items():
        if all(name in image for name in names):
            expected[tuple(str(image[name]) for name in names)].add(key)
    assert expected
    assert {values: _found(cloud, index, names, values) for values in expected} == expected


def test_report_when_fetched_from_s3_repeats_the_summary(cloud: Cloud, migrated: Ended) -> None:
    report = cloud.document(migrated.output["report"])
    summary = {name: report[name] for name in FIELDS - {"report"}}
    assert summary == {name: migrated.output[name] for name in FIELDS - {"report"}}
    assert report["kind"] == "migrate"
    assert report["findings"] == []


def test_validate_when_tables_agree_is_clean(cloud: Cloud, validated: Ended) -> None:
    output = validated.output
    assert (output["status"], output["scanned"], output["mismatched"]) == ("SUCCEEDED", COUNT, 0)
    indexes = cloud.document(output["report"])["facts"]["indexes"]
    assert set(indexes) == {each.name for each in MIGRATION.target.indexes}
    assert all(counted["expected"] == counted["found"] > 0 for counted in indexes.values())


def test_rollback_when_not_told_where_to_goes_to_off(cloud: Cloud, rolled_back: Ended) -> None:
    output = rolled_back.output
    assert set(output) == FIELDS
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "OFF")
    assert cloud.phase() == "OFF"
    assert cloud.items(cloud.v1) == RECORDS


def _found(cloud: Cloud, index: str, names: tuple[str, ...], values: tuple[str, ...]) -> set[str]:
    pages = cloud.client("dynamodb").get_paginator("query")
    condition = " AND ".join(f"#{at} = :{at}" for at in range(len(names)))
    given: dict[str, Any] = {
        "ExpressionAttributeNames": {f"#{at}": name for at, name in enumerate(names)},
        "ExpressionAttributeValues": {f":{at}": encode_value(v) for at, v in enumerate(values)},
    }
    found = pages.paginate(
        TableName=cloud.v2, IndexName=index, KeyConditionExpression=condition, **given
    )
    return {str(decode(item)["PK"]) for page in found for item in page["Items"]}
