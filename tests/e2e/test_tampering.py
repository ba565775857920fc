"""One field of v2 changed behind everybody's back: found, named, mended, and then all is well."""

from typing import Any

import pytest

from migrations.personnel.sample import generate
from shared.model.item import encode
from tests.e2e.cloud import Cloud

pytestmark = pytest.mark.e2e

COUNT = 50
RECORDS = generate(2, COUNT)
VICTIM = {"PK": RECORDS[17]["PK"], "SK": "PROFILE"}
FIELD = "hourly_rate"


@pytest.fixture(scope="module")
def passes(cloud: Cloud) -> list[dict[str, Any]]:
    """Tamper with one field after a journey to VALIDATE, and return three passes' outputs."""
    cloud.put(cloud.v1, RECORDS)
    output = cloud.run("migrate", approve="auto", until="VALIDATE")
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "VALIDATE")
    assert cloud.control()["certificate"]
    cloud.client("dynamodb").update_item(
        TableName=cloud.v2,
        Key=encode(VICTIM),
        UpdateExpression="SET #field = :value",
        ExpressionAttributeNames={"#field": FIELD},
        ExpressionAttributeValues={":value": {"N": "9999.99"}},
    )
    return [cloud.run("validate"), cloud.run("validate", repair=True), cloud.run("validate")]


def test_validate_when_a_field_was_tampered_with_names_the_record_and_the_field(
    cloud: Cloud, passes: list[dict[str, Any]]
) -> None:
    found = passes[0]
    assert (found["status"], found["scanned"], found["mismatched"]) == ("HELD", COUNT, 1)
    (finding,) = cloud.document(found["report"])["findings"]
    assert finding["key"] == f"{VICTIM['PK']}|PROFILE"
    assert (finding["kind"], finding["field"], finding["repaired"]) == ("different", FIELD, False)
    (difference,) = finding["differences"]
    assert (difference["field"], difference["target"]) == (FIELD, {"N": "9999.99"})


def test_validate_when_told_to_repair_mends_the_record(
    cloud: Cloud, passes: list[dict[str, Any]]
) -> None:
    mended = passes[1]
    assert (mended["status"], mended["mismatched"], mended["repaired"]) == ("SUCCEEDED", 1, 1)
    (finding,) = cloud.document(mended["report"])["findings"]
    assert (finding["key"], finding["repaired"]) == (f"{VICTIM['PK']}|PROFILE", True)


def test_validate_when_repaired_finds_both_tables_alike(passes: list[dict[str, Any]]) -> None:
    clean = passes[2]
    assert (clean["status"], clean["mismatched"], clean["repaired"]) == ("SUCCEEDED", 0, 0)


def test_sample_when_validated_reads_no_more_than_was_asked(cloud: Cloud, passes: Any) -> None:
    output = cloud.run("validate", mode="sample", sample_size=10)
    assert output["status"] == "SUCCEEDED"
    assert 0 < output["scanned"] < COUNT
