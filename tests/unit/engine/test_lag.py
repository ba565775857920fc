"""A tripwire that learns of writes too late: no certificate stands, and it is said once."""

import pytest

from shared.engine.lag import heed_lag
from shared.engine.renewal import renewal_due
from shared.model.control import AuditEntry
from shared.model.errors import GuardRefused
from shared.model.metrics import Metric
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from tests.unit.engine.conductor import Conductor, legacy, stage
from tests.unit.engine.moving import by_hand

CERTIFIED = [Phase.VALIDATE, Phase.READ_N, Phase.READ_V2]


def proven(phase: Phase = Phase.VALIDATE) -> Conductor:
    conductor = stage(legacy("A"), legacy("B"), phase=phase)
    assert conductor.certificate_granted()
    return conductor


def limit(conductor: Conductor) -> float:
    return conductor.world.environment.stream_lag


def see(conductor: Conductor, age: float) -> bool:
    """Do what the function does with a batch whose first record is this old."""
    return heed_lag(conductor.world, conductor.world.clock.wall() - age)


def see_late(conductor: Conductor) -> bool:
    return see(conductor, limit(conductor) + 1)


def told(conductor: Conductor, action: str = "void certificate") -> list[AuditEntry]:
    listed = conductor.world.ledger.audit(conductor.world.migration.name, 1000)
    return [each for each in listed if (each.actor, each.action) == ("tripwire", action)]


@pytest.mark.parametrize("phase", CERTIFIED)
def test_a_record_when_it_comes_too_late_voids_the_certificate_and_says_why(phase: Phase) -> None:
    conductor = proven(phase)
    assert not see(conductor, limit(conductor))
    assert conductor.certificate_granted()
    assert see_late(conductor)
    assert not conductor.certificate_granted()
    [entry] = told(conductor)
    assert "61 s late" in entry.reason


def test_a_lapse_when_it_lasts_voids_once_and_the_next_lapse_again() -> None:
    conductor = proven()
    for _ in range(20):  # of two shards one is late, the other in time
        assert see_late(conductor)
        assert not see(conductor, 0)
        conductor.pass_time(limit(conductor) / 10)
    assert conductor.validate().status is RunStatus.SUCCEEDED
    assert not conductor.certificate_granted()
    assert len(told(conductor)) == 1
    assert 0 < len(told(conductor, "streams are late")) <= 4
    conductor.pass_time(limit(conductor))
    conductor.validate()
    assert conductor.certificate_granted()
    see_late(conductor)
    assert not conductor.certificate_granted()
    assert len(told(conductor)) == 2


def test_a_pass_when_the_streams_fall_behind_meanwhile_is_no_proof() -> None:
    conductor = proven()
    started = conductor.begin(RunKind.VALIDATE)
    conductor.work(started)
    see_late(conductor)
    conductor.pass_time(2 * limit(conductor))  # caught up before its last step
    assert conductor.finish(started).status is RunStatus.SUCCEEDED
    assert not conductor.certificate_granted()


def test_a_move_that_needs_proof_when_the_streams_lag_is_refused_until_they_do_not() -> None:
    conductor = proven(Phase.READ_V2)
    see_late(conductor)
    with pytest.raises(GuardRefused, match="streams are read too late"):
        by_hand(conductor, Phase.READ_N)
    assert conductor.phase is Phase.READ_V2


def test_a_journey_when_the_streams_lag_waits_and_then_validates() -> None:
    conductor = proven()
    see_late(conductor)
    steps: list[str] = []
    run = conductor.migrate(
        lambda step: steps.append(step.kind), approve="auto", until="READ_V2", ramp=[100]
    )
    assert (run.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.READ_V2)
    assert steps[:2] == ["WAIT", "VALIDATE"]


def test_a_renewal_when_the_streams_lag_is_not_due() -> None:
    conductor = proven(Phase.READ_N)
    see_late(conductor)
    assert not renewal_due(conductor.world)
    conductor.pass_time(limit(conductor))
    assert renewal_due(conductor.world)


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.WRITE_V2_ONLY])
def test_a_late_record_when_the_tables_part_anyway_changes_nothing(phase: Phase) -> None:
    conductor = stage(legacy("A"), phase=phase)
    before = conductor.state
    assert see_late(conductor)
    assert conductor.state == before
    assert told(conductor) == []


@pytest.mark.parametrize("age", [0.5, 900])
def test_a_batch_when_looked_at_tells_its_lag_whether_late_or_not(age: float) -> None:
    conductor = stage()
    see(conductor, age)
    assert conductor.world.meter.drain()[Metric.TRIPWIRE_LAG] == [pytest.approx(age)]


def test_a_lapse_when_the_tripwire_stands_still_until_it_is_over_voids_what_was_granted() -> None:
    conductor = proven()
    see_late(conductor)
    stood: list[str] = []

    def stand_still(name: str) -> None:
        if name == "read" and not stood:
            stood.append(name)
            conductor.pass_time(limit(conductor))
            conductor.validate()
            assert conductor.certificate_granted()

    assert see_late(conductor.watched(before=stand_still, port="control"))
    assert not conductor.certificate_granted()
