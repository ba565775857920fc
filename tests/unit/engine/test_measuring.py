"""The baseline and what each phase was like: measured, compared, kept, and never waited for."""

from typing import Any

from shared.engine.cutover import move_by_hand
from shared.engine.gauges import gauges
from shared.engine.overview import overview
from shared.model.errors import Throttled
from shared.model.figures import Latency
from shared.model.metrics import Metric
from shared.model.phases import Phase
from shared.model.runs import RunStatus
from tests.unit.engine.conductor import Conductor, legacy, stage

READS = (*[10.0] * 90, *[20.0] * 10)


def used(conductor: Conductor, reads: Metric = Metric.READ_LATENCY_V1, by: float = 1.0) -> None:
    """Let callers use the API now."""
    at = conductor.world.clock.wall()
    told = conductor.parts.measurements
    told.tell(at, Metric.REQUESTS, *[1.0] * 200)
    told.tell(at, Metric.ERRORS, 1.0)
    told.tell(at, reads, *[each * by for each in READS])
    told.tell(at, Metric.WRITE_LATENCY, *READS)


def left(conductor: Conductor, run: Any) -> dict[str, Any]:
    """Return what a journey's report says of each phase that was left."""
    document = conductor.world.archive.load(run.report)
    return {each["phase"]: each for each in document["facts"]["measured"]}


def test_the_baseline_when_off_is_left_is_what_callers_saw_before() -> None:
    conductor = stage(legacy("A"))
    used(conductor)
    conductor.go_to(Phase.DUAL_WRITE, 100)
    baseline = conductor.state.baseline
    assert baseline is not None
    assert (baseline.requests, baseline.errors, baseline.error_rate) == (200, 1, 0.5)
    assert baseline.reads == baseline.reads_v1 == Latency(10.0, 20.0, 100)
    assert gauges(conductor.world)[Metric.BASELINE_READ_LATENCY] == 20.0
    [entry] = [e for e in overview(conductor.world).events if e.action == "measure baseline"]
    assert "200 requests, 0.50 % errors, reads p50 10.0 ms, p95 20.0 ms" in entry.reason


def test_the_baseline_when_nobody_used_the_api_says_so() -> None:
    conductor = stage(legacy("A"))
    conductor.go_to(Phase.DUAL_WRITE, 100)
    baseline = conductor.state.baseline
    assert baseline is not None
    assert (baseline.requests, baseline.error_rate, baseline.reads) == (0, None, None)
    assert Metric.BASELINE_READ_LATENCY not in gauges(conductor.world)
    [entry] = [e for e in overview(conductor.world).events if e.action == "measure baseline"]
    assert entry.reason.startswith("no data")


def test_the_baseline_when_a_rolled_back_migration_tries_again_is_measured_anew() -> None:
    conductor = stage(legacy("A"))
    used(conductor)
    conductor.go_to(Phase.DUAL_WRITE, 100)
    conductor.settle()
    conductor.rollback(to_phase="OFF")
    conductor.pass_time(conductor.world.environment.thresholds.baseline + 1)
    conductor.settle()
    conductor.go_to(Phase.DUAL_WRITE, 100)
    assert conductor.state.baseline is not None
    assert conductor.state.baseline.requests == 0


def test_a_migration_when_measured_reports_each_phase_against_the_baseline() -> None:
    conductor = stage(legacy("A"))
    used(conductor)

    def use(_step: object) -> None:
        if conductor.phase is Phase.READ_N:
            used(conductor, Metric.READ_LATENCY_V2, by=1.5)

    run = conductor.migrate(use, approve="auto", until="READ_V2")
    assert run.status is RunStatus.SUCCEEDED
    phases = left(conductor, run)
    assert phases["READ_N"]["reads_v2"]["p95"] == 30.0
    assert phases["READ_N"]["compared"]["reads"] == 50.0
    assert phases["READ_N"]["percent"] is not None
    assert phases["READ_V2"]["requests"] == 0
    assert all(each["missing"] == "" for each in phases.values())
    document = conductor.world.archive.load(run.report)
    assert document["facts"]["baseline"]["reads_v1"]["p95"] == 20.0


def test_a_migration_when_metrics_cannot_be_had_goes_on_and_says_so() -> None:
    conductor = stage(legacy("A"))
    conductor.parts.measurements.broken = Throttled("CloudWatch is away")
    run = conductor.migrate(approve="auto", until="READ_V2")
    assert run.status is RunStatus.SUCCEEDED
    assert conductor.state.baseline is None
    for each in left(conductor, run).values():
        assert each["missing"] == "the metrics cannot be had: CloudWatch is away"
        assert "requests" not in each
    entries = conductor.world.ledger.audit("personnel", 100)
    [entry] = [each for each in entries if each.action == "measure baseline"]
    assert "CloudWatch is away" in entry.reason


def test_a_long_phase_when_measured_is_measured_at_its_end() -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_V2)
    used(conductor, Metric.READ_LATENCY_V2)
    conductor.pass_time(conductor.world.environment.thresholds.baseline + 10)
    run = conductor.migrate(approve="auto", until="WRITE_V2_ONLY")
    assert left(conductor, run)["READ_V2"]["requests"] == 0


def test_a_phase_when_left_by_hand_is_measured_into_the_log() -> None:
    conductor = stage(legacy("A"))
    used(conductor)
    conductor.go_to(Phase.READ_N, 50)
    conductor.pass_time(10)
    used(conductor, Metric.READ_LATENCY_V2, by=1.5)
    move_by_hand(conductor.world, Phase.READ_N, 10, actor="ada", reason="slower")
    [entry] = [e for e in overview(conductor.world).events if e.action == "measure READ_N"]
    assert entry.reason.startswith("200 requests, 0.50 % errors, reads p50 15.0 ms, p95 30.0 ms")
    assert entry.reason.endswith("; reads +50 % to before")
    conductor.parts.measurements.broken = Throttled("CloudWatch is away")
    conductor.pass_time(10)
    moved = move_by_hand(conductor.world, Phase.READ_N, 5, actor="ada", reason="slower still")
    assert moved.percent == 5
    newest = next(e for e in overview(conductor.world).events if e.action == "measure READ_N")
    assert "CloudWatch is away" in newest.reason
