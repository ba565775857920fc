"""The tripwire of a migration that leaves mending to validation: it names, voids and keeps off."""

import pytest

from shared.model.phases import Phase
from shared.model.runs import FindingKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import key, legacy, stage
from tests.unit.engine.outsiders import actions, tamper, watch


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_N, Phase.READ_V2])
def test_a_write_past_the_wrapper_expects_it_named_and_left_for_validation(phase: Phase) -> None:
    conductor = stage(legacy("A", full_name="Ann"), legacy("B", full_name="Bob"), phase=phase)
    replica = phase.primary.other
    tamper(conductor, replica, "A", full_name="Mallory")
    tampered = conductor.stored(replica, key("A"))
    (found,) = watch(conductor, "A", "B")
    assert (found.kind, found.field, found.repaired) == (FindingKind.DIFFERENT, "full_name", False)
    assert actions(conductor) == ["report record", "void certificate"]
    assert not conductor.certificate_granted()
    assert conductor.stored(replica, key("A")) == tampered
    held = conductor.validate()
    assert (held.status, held.counts.mismatched) == (RunStatus.HELD, 1)
    assert conductor.validate(repair=True).counts.repaired == 1
    assert conductor.validate().status is RunStatus.SUCCEEDED
    assert conductor.certificate_granted()


def test_a_difference_before_any_certificate_expects_nothing_on_record() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.DUAL_WRITE)
    conductor.backfill()
    conductor.settle()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    assert watch(conductor, "A") == []
    assert actions(conductor) == []


def test_a_pass_when_the_tripwire_voids_meanwhile_expects_its_findings_and_no_certificate() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.VALIDATE)
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    seen: list[str] = []

    def meanwhile(name: str) -> None:
        if name == "scan" and not seen:
            seen.append(name)
            watch(conductor, "A")

    run = conductor.watched(before=meanwhile).validate(repair=True)
    assert (run.status, run.counts.mismatched, run.counts.repaired) == (RunStatus.SUCCEEDED, 1, 1)
    assert not conductor.certificate_granted()
    assert conductor.validate().status is RunStatus.SUCCEEDED
    assert conductor.certificate_granted()
