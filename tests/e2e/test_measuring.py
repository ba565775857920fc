"""What callers of the deployed API see, measured before a migration and in each of its phases."""

import time
from typing import Any

import pytest

from migrations.personnel.sample import generate
from shared.aws.cloudwatch_measurements import CloudWatchMeasurements
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

CALLS = 30


def use(cloud: Cloud) -> None:
    """Call the API as its users do."""
    token = cloud.token("user")
    for number in range(CALLS):
        answer = cloud.call("GET", f"/employees/nobody-{number}", token)
        assert answer.status == 404


@pytest.fixture(scope="module")
def report(cloud: Cloud) -> dict[str, Any]:
    """Return the report of a migration whose API was used before and while it ran."""
    cloud.put(cloud.v1, generate(31, 20))
    use(cloud)
    eventually(lambda: _counted(cloud) >= CALLS)
    output = cloud.run("migrate", approve="auto", until="READ_N", ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_N")
    return cloud.document(output["report"])


def _counted(cloud: Cloud) -> int:
    """Return how many requests the metrics tell of by now."""
    now = time.time()
    metrics = CloudWatchMeasurements(cloud.client("cloudwatch"), "personnel", 10)
    return metrics.figures(now - 300, now).requests


def test_the_baseline_when_the_api_was_used_has_its_requests_and_latencies(
    report: dict[str, Any],
) -> None:
    baseline = report["facts"]["baseline"]  # over minutes: what other modules did is in it
    assert baseline["requests"] >= CALLS
    assert baseline["error_rate"] is not None
    assert baseline["reads_v1"]["samples"] >= CALLS
    assert 0 < baseline["reads_v1"]["p50"] <= baseline["reads_v1"]["p95"]


def test_each_phase_when_left_was_measured_and_none_was_missed(report: dict[str, Any]) -> None:
    phases = report["facts"]["measured"]
    assert [each["missing"] for each in phases] == [""] * len(phases)
    assert {"OFF", "DUAL_WRITE", "SHADOW_READ", "READ_N"} <= {each["phase"] for each in phases}


def test_the_checklist_when_both_tables_agree_shows_it(report: dict[str, Any]) -> None:
    found = {each["name"]: each for each in report["facts"]["criteria"]}
    assert found["counts are equal"]["met"] is True
    assert found["counts are equal"]["evidence"] == "20 records in v1, 20 in v2"
    assert found["every index of v2 answers"]["met"] is True
    assert found["all records match"]["met"] is True
