"""Logs and metrics tell what happened, and nothing about the person it happened to."""

import json
from typing import Any

import pytest

from shared.model.errors import LeaseLost, NotFound, NotInPhase, RecordHeld
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import AVAILABILITY_FIRST, legacy, stage
from tests.unit.functions.serve_records.service import Service

PERSONAL = {"full_name": "Wilhelmina", "email": "w@example.org", "employee_id": "W-1"}


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    def lines() -> list[dict[str, Any]]:
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return lines


@pytest.fixture(autouse=True)
def _own_logger(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    # Powertools keeps one logger per service, and with it the stream of the test that made it
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)


def test_a_request_is_counted_by_service_and_migration_alone(printed: Any) -> None:
    Service().call("GET", "/employees/7")
    (metrics,) = [line for line in printed() if "_aws" in line]
    (declared,) = metrics["_aws"]["CloudWatchMetrics"]
    assert declared["Namespace"] == "Cutover"
    assert [sorted(each) for each in declared["Dimensions"]] == [["migration", "service"]]
    assert metrics["migration"] == "personnel"
    assert (metrics["Requests"], metrics["Errors"]) == ([1.0], [0.0])


def test_a_health_check_that_anybody_may_ask_for_thins_out_no_errors(printed: Any) -> None:
    Service().call("GET", "/health")
    (metrics,) = [line for line in printed() if "_aws" in line]
    assert (metrics["Requests"], metrics["Errors"]) == ([0.0], [0.0])


def test_an_error_is_counted_when_it_is_the_services_own_and_its_code_is_no_metric(
    printed: Any,
) -> None:
    service = Service()
    service.call("GET", "/employees/8")
    (metrics,) = [line for line in printed() if "_aws" in line]
    assert (metrics["Errors"], metrics["code"]) == ([0.0], "not_found")
    service.records.broken = RuntimeError("x")
    service.call("GET", "/employees/8")
    (metrics,) = [line for line in printed() if "_aws" in line]
    assert (metrics["Errors"], metrics["code"]) == ([1.0], "internal")
    (declared,) = metrics["_aws"]["CloudWatchMetrics"]
    assert sorted(each["Name"] for each in declared["Metrics"]) == ["Errors", "Requests"]


def creates(lines: list[dict[str, Any]]) -> list[tuple[float, float] | None]:
    """Return, by request, the creates that were ours to do and those that failed."""
    told = [line for line in lines if "_aws" in line]
    return [
        (each["Creates"][0], each["CreatesFailed"][0]) if "Creates" in each else None
        for each in told
    ]


def test_a_create_when_it_succeeds_is_counted_and_other_requests_are_not(printed: Any) -> None:
    service = Service()
    service.call("POST", "/employees", PERSONAL)
    service.call("GET", "/employees/W-1")
    service.call("PATCH", "/employees/W-1", {"full_name": "Ada"})
    assert creates(printed()) == [(1.0, 0.0), None, None]


@pytest.mark.parametrize(
    "broken",
    [RuntimeError("x"), LeaseLost("x"), NotInPhase("x"), RecordHeld("x")],
    ids=lambda each: type(each).__name__,
)
def test_a_create_when_no_caller_is_to_blame_has_failed(printed: Any, broken: Exception) -> None:
    service = Service()
    service.records.broken = broken
    service.call("POST", "/employees", PERSONAL)
    assert creates(printed()) == [(1.0, 1.0)]


def test_a_create_when_its_caller_got_it_wrong_is_not_counted(printed: Any) -> None:
    service = Service()
    service.call("POST", "/employees", PERSONAL)
    service.call("POST", "/employees", PERSONAL)  # it is there already
    service.call("POST", "/employees", {"full_name": 7})
    assert creates(printed()) == [(1.0, 0.0), None, None]


def test_a_create_when_one_before_was_refused_for_our_reasons_is_judged_by_itself(
    printed: Any,
) -> None:
    service = Service()
    service.records.broken = RecordHeld("x")
    service.call("POST", "/employees", PERSONAL)
    service.records.broken = None
    service.call("POST", "/employees", PERSONAL)
    assert creates(printed()) == [(1.0, 1.0), (1.0, 0.0)]


def test_a_read_and_a_write_of_the_engine_are_timed_beside_the_phase(printed: Any) -> None:
    conductor = stage(phase=Phase.VALIDATE)
    service = Service(conductor.records())
    service.call("POST", "/employees", {"employee_id": "8", "full_name": "Grace"})
    service.call("PATCH", "/employees/8", {"full_name": "Ada"})
    service.call("GET", "/employees/8")
    created, changed, read = [line for line in printed() if "_aws" in line]
    assert {each["phase"] for each in (created, changed, read)} == {"VALIDATE"}
    assert len(created["WriteLatency"]) == 1
    assert "DualWriteAdded" not in created
    assert len(changed["DualWriteAdded"]) == 1
    assert (read["ReadsV1"], read["ReadErrorsV1"]) == ([1.0], [0.0])
    assert len(read["ReadLatencyV1"]) == 1
    assert not [name for name in read if name.endswith("V2")]


def test_a_record_when_its_replica_could_not_follow_is_counted_with_its_request(
    printed: Any,
) -> None:
    conductor = stage(legacy("8"), legacy("9"), phase=Phase.DUAL_AF)
    strange = {**legacy("8"), AVAILABILITY_FIRST.stamps.birth: "of another incarnation"}
    conductor.load(Side.TARGET, strange)
    service = Service(conductor.records())
    for name in "89":
        service.call("PATCH", f"/employees/{name}", {"full_name": "Ada"})
    lagging, following = [line for line in printed() if "_aws" in line]
    assert lagging["SyncsQueued"] == [1.0]
    assert "SyncsQueued" not in following
    assert not {"SyncsLost"} & (lagging.keys() | following.keys())


def test_logs_name_the_route_and_the_request_and_no_person(printed: Any) -> None:
    service = Service()
    service.call("POST", "/employees", PERSONAL)
    service.records.broken = RuntimeError("Wilhelmina is broken")
    service.call("PATCH", "/employees/W-1", PERSONAL | {"role": "admin"})
    service.call("GET", "/employees?name=Wilhelmina")
    service.records.broken = NotFound("there is none", key="EMPLOYEE#W-1|PROFILE")
    service.call("DELETE", "/employees/W-1")
    lines = printed()
    text = json.dumps(lines)
    assert not any(each in text for each in ("Wilhelmina", "w@example.org"))
    answered = [line for line in lines if line.get("message") == "answered"]
    assert [line["status"] for line in answered] == [201, 400, 500, 404]
    assert {line["correlation_id"] for line in answered} == {"request-1"}
    (failed,) = [line for line in lines if line.get("message") == "internal error"]
    assert failed["error"] == "RuntimeError"
    assert "service.py" in failed["places"]
