"""The success criteria as an operator is shown them, in reports and in status."""

from shared.model.metrics import Metric
from shared.model.phases import Phase
from shared.model.runs import RunKind
from tests.unit.cli.rehearsal import Operator, operator
from tests.unit.engine.conductor import legacy


def used(op: Operator, metric: Metric, value: float) -> None:
    """Let callers use the API now."""
    parts = op.conductor.parts
    at = parts.clock.wall()
    parts.measurements.tell(at, Metric.REQUESTS, *[1.0] * 1000)
    parts.measurements.tell(at, Metric.ERRORS, 1.0)
    parts.measurements.tell(at, metric, *[value] * 50)


def reported(op: Operator) -> str:
    """Return what the report of the newest journey shows."""
    runs = op.conductor.world.ledger.runs("personnel", 50)
    journey = next(run for run in runs if run.kind is RunKind.MIGRATE)
    return str(op.type("report", "personnel", journey.run_id).stdout)


def migrated(*, measured: bool = True) -> Operator:
    op = operator(legacy("a"), legacy("b"))
    if measured:
        used(op, Metric.READ_LATENCY_V1, 10.0)

    def use(_step: object) -> None:
        if measured and op.conductor.phase is Phase.READ_N:
            op.conductor.pass_time(1.0)
            used(op, Metric.READ_LATENCY_V2, 12.5)

    op.conductor.migrate(use, approve="auto", until="READ_N", ramp=[100])
    return op


def test_a_report_of_a_journey_shows_the_success_criteria_with_their_evidence() -> None:
    told = reported(migrated())
    assert "Success criteria" in told
    assert "✓ counts are equal" in told
    assert "2 records in v1, 2 in v2" in told
    assert "0.10 % before the migration" in told


def test_a_page_of_a_journey_shows_the_success_criteria() -> None:
    op = migrated()
    runs = op.conductor.world.ledger.runs("personnel", 50)
    journey = next(run for run in runs if run.kind is RunKind.MIGRATE)
    told = op.type("report", "personnel", journey.run_id, "--format", "html").stdout
    assert "<h2>Success criteria</h2>" in told
    assert "<td>✓</td><td>counts are equal</td><td>2 records in v1, 2 in v2</td>" in told


def test_a_report_of_a_way_back_shows_no_success_criteria() -> None:
    op = migrated()
    back = op.conductor.rollback(to_phase="SHADOW_READ")
    told = op.type("report", "personnel", back.run_id).stdout
    assert told.startswith(f"rollback {back.run_id}  SUCCEEDED")
    assert "Success criteria" not in told


def test_status_when_readers_are_on_v2_shows_the_checklist_and_before_that_none() -> None:
    op = migrated()
    found = op.json("status", "personnel")["criteria"]
    assert [each["name"] for each in found][:2] == [
        "counts are equal",
        "every index of v2 answers",
    ]
    assert found[0]["met"] is True
    assert "✓ counts are equal" in op.type("status", "personnel").stdout
    off = operator(legacy("a"))
    assert off.json("status", "personnel")["criteria"] == []
    assert "Success" not in off.type("status", "personnel").stdout
