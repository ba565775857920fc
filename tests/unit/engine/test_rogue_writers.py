"""Writes past the wrapper to either table: found by tripwire and by validator, mended or held."""

from dataclasses import replace
from typing import Literal

import pytest

from migrations.personnel.migration import MIGRATION
from shared.model.phases import Phase
from shared.model.runs import Finding, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage
from tests.unit.engine.outsiders import NAMES, WRITES, actions, tamper, watch

Mode = Literal["report", "repair"]
PHASES = [Phase.VALIDATE, Phase.READ_N, Phase.READ_V2]

rogue_writes = pytest.mark.parametrize("write", WRITES)
both_tables = pytest.mark.parametrize("side", Side)
every_phase = pytest.mark.parametrize("phase", PHASES)
both_modes = pytest.mark.parametrize("mode", ["report", "repair"])


def proven(phase: Phase, mode: Mode) -> Conductor:
    """Return a migration in a phase, with a certificate, legacy records and the wrapper's own."""
    old = [legacy(name, full_name=f"N{name}", project_id="P1") for name in NAMES]
    conductor = stage(*old, phase=phase, migration=replace(MIGRATION, tripwire=mode))
    conductor.records().update(key("C"), {"role": "admin"}, (), None)
    conductor.records().create(person("E", full_name="Eve"), key("E"))
    assert conductor.certificate_granted()
    return conductor


def named(found: list[Finding]) -> list[str]:
    return [each.key for each in found]


def assert_alike(conductor: Conductor, truth: object) -> None:
    """Check that the primary is as the rogue left it, and that a pass proves both alike."""
    assert conductor.parts.store.items(conductor.phase.primary) == truth
    assert conductor.validate().status is RunStatus.SUCCEEDED
    assert conductor.certificate_granted()


@both_modes
@every_phase
@both_tables
@rogue_writes
def test_a_rogue_write_when_the_tripwire_sees_it_is_named_voids_and_ends_as_the_primary_says(
    write: str, side: Side, phase: Phase, mode: Mode
) -> None:
    conductor = proven(phase, mode)
    act, name = WRITES[write]
    act(conductor, side)
    truth = conductor.parts.store.items(phase.primary)
    found = watch(conductor, name)
    assert named(found) == [f"EMPLOYEE#{name}|PROFILE"]
    assert [each.repaired for each in found] == [mode == "repair"]
    assert not conductor.certificate_granted()
    assert "void certificate" in actions(conductor)
    left = conductor.validate(repair=True)
    assert (left.counts.mismatched, left.counts.repaired) == (
        (0, 0) if mode == "repair" else (1, 1)
    )
    assert_alike(conductor, truth)


@every_phase
@both_tables
@rogue_writes
def test_a_rogue_write_when_only_the_validator_sees_it_is_named_voids_and_is_mended_if_asked(
    write: str, side: Side, phase: Phase
) -> None:
    conductor = proven(phase, "report")
    act, name = WRITES[write]
    act(conductor, side)
    truth = conductor.parts.store.items(phase.primary)
    looked = conductor.validate()
    assert looked.status is RunStatus.HELD
    assert named(conductor.findings(looked)) == [f"EMPLOYEE#{name}|PROFILE"]
    assert not conductor.certificate_granted()
    mended = conductor.validate(repair=True)
    assert (mended.status, mended.counts.repaired) == (RunStatus.SUCCEEDED, 1)
    assert_alike(conductor, truth)


UNDECIDABLE = [
    (Side.SOURCE, {"active": "perhaps"}),
    (Side.SOURCE, {"_cutover_version": "one"}),
    (Side.TARGET, {"_cutover_version": "one"}),
]


@both_modes
@pytest.mark.parametrize(("side", "values"), UNDECIDABLE)
def test_a_rogue_write_when_no_program_can_decide_is_held_and_nothing_is_overwritten(
    side: Side, values: dict[str, object], mode: Mode
) -> None:
    conductor = proven(Phase.VALIDATE, mode)
    tamper(conductor, side, "A", **values)
    before = {each: conductor.parts.store.items(each) for each in Side}
    assert named(watch(conductor, "A")) == ["EMPLOYEE#A|PROFILE"]
    assert not conductor.certificate_granted()
    looked = conductor.validate(repair=True)
    assert looked.status is RunStatus.HELD
    assert named(conductor.findings(looked)) == ["EMPLOYEE#A|PROFILE"]
    assert {each: conductor.parts.store.items(each) for each in Side} == before
    assert not conductor.certificate_granted()
