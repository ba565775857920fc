"""A pass that may become proof reads strongly: every page, and every suspect again."""

from dataclasses import replace
from typing import Any

import pytest

from shared.model.errors import ConditionFailed
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.runs import FindingKind, RunKind, RunStatus
from shared.model.writes import Side
from shared.ports import Page
from tests.unit.engine.comparing import CERTIFIABLE, alike, found
from tests.unit.engine.conductor import Conductor, key, legacy
from tests.unit.engine.in_place import racing
from tests.unit.engine.in_place import stage as in_place
from tests.unit.engine.outsiders import tamper

Read = tuple[Side, Key]
BOTH = {(Side.SOURCE, True), (Side.TARGET, True)}
OWN = {(Side.SOURCE, True)}


class Noting:
    """The tables, with a note of what was scanned and how, and of what was read again."""

    def __init__(self, tables: Any) -> None:
        self._tables = tables
        self.scanned: set[tuple[Side, bool]] = set()
        self.again: list[Read] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tables, name)

    def scan(self, side: Side, *where: Any, strong: bool) -> Page:
        self.scanned.add((side, strong))
        return self._tables.scan(side, *where, strong=strong)

    def get(self, side: Side, wanted: Key) -> Item | None:
        self.again.append((side, wanted))
        return self._tables.get(side, wanted)

    def get_together(self, wanted: list[Read]) -> list[Item | None]:
        self.again += wanted
        return self._tables.get_together(wanted)


def noting(conductor: Conductor) -> tuple[Conductor, Noting]:
    """Return a conductor over the same parts that notes what is read."""
    notes = Noting(conductor.world.tables)
    return replace(conductor, world=replace(conductor.world, tables=notes)), notes


@pytest.mark.parametrize("repair", [False, True])
@pytest.mark.parametrize("phase", CERTIFIABLE)
def test_a_pass_that_grants_a_certificate_reads_both_tables_strongly(
    phase: Phase, repair: bool
) -> None:
    conductor, notes = noting(alike(phase))
    run = conductor.validate(repair=repair)
    certificate = conductor.state.certificate
    assert certificate is not None
    assert certificate.run_id == run.run_id
    assert notes.scanned == BOTH


@pytest.mark.parametrize("phase", CERTIFIABLE)
def test_a_suspect_of_either_direction_is_read_again_in_both_tables_at_one_moment(
    phase: Phase,
) -> None:
    conductor, notes = noting(alike(phase))
    tamper(conductor, Side.TARGET, "B", full_name="Mallory")
    conductor.load(phase.primary.other, legacy("Z", full_name="Nobody", employee_number="9"))
    run = conductor.validate()
    assert [name for name, *_ in found(conductor, run)] == ["B", "Z"]
    assert notes.scanned == BOTH
    suspects = {(side, key(name)) for name in ("B", "Z") for side in Side}
    assert set(notes.again) == suspects


@pytest.mark.parametrize("repair", [False, True])
@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.DONE])
def test_a_pass_in_place_that_grants_a_certificate_reads_its_table_strongly(
    phase: Phase, repair: bool
) -> None:
    stage = in_place.stage(*map(in_place.note, racing.NAMES), phase=phase)
    conductor, notes = noting(stage)
    run = conductor.validate(repair=repair)
    certificate = conductor.state.certificate
    assert certificate is not None
    assert certificate.run_id == run.run_id
    assert notes.scanned == OWN


def test_a_restore_that_is_proof_of_the_old_shape_reads_its_table_strongly() -> None:
    stage = in_place.stage(*map(in_place.note, racing.NAMES), phase=Phase.READ_BOTH)
    conductor, notes = noting(stage)
    run = conductor.job(RunKind.RESTORE, lower=True)
    assert conductor.state.restored == run.run_id
    assert notes.scanned == OWN


def test_a_record_in_place_whose_repair_was_overtaken_is_read_again_strongly() -> None:
    stage = in_place.stage(*map(in_place.note, racing.NAMES), phase=Phase.VALIDATE)
    stage.load(Side.SOURCE, in_place.note("a"))
    conductor, notes = noting(stage)
    overtaken = racing.fail(ConditionFailed("overtaken", failed=(0,)), times=1)
    run = conductor.watched(before=overtaken).validate(repair=True)
    assert run.status is RunStatus.SUCCEEDED
    assert [each.kind for each in conductor.findings(run)] == [FindingKind.MISSING]
    assert (Side.SOURCE, in_place.key("a")) in notes.again
    assert notes.scanned == OWN
