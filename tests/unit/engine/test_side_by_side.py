"""One record in both tables, and the verdict on it."""

from decimal import Decimal
from typing import Any

import pytest

from shared.engine.images import Unmovable
from shared.engine.side_by_side import Mark, SideBySide, Verdict, look_at, value_of
from shared.model.errors import GuardRefused, NotFound
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.writes import Delete, Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage

VERSION, BIRTH = "_cutover_version", "_cutover_birth"


def written(phase: Phase = Phase.VALIDATE) -> Conductor:
    """Return a migration in a phase with the record `a`, written by the wrapper in VALIDATE."""
    conductor = stage(phase=Phase.VALIDATE)
    conductor.records().create(person("a", full_name="Ada"), key("a"))
    conductor.go_to(phase)
    return conductor


def tamper(conductor: Conductor, side: Side, **changes: Any) -> None:
    stored = conductor.stored(side, key("a"))
    assert stored is not None
    conductor.load(side, {**stored, **changes})


def look(conductor: Conductor, name: str = "a") -> SideBySide:
    return look_at(conductor.world, key(name))


def marks(found: SideBySide) -> dict[str, Mark]:
    return {row.field: row.mark for row in found.rows if row.mark is not Mark.SAME}


@pytest.mark.parametrize("phase", [Phase.VALIDATE, Phase.READ_N, Phase.READ_V2])
def test_a_pair_when_in_lock_step_expects_equal_with_versions_and_births(phase: Phase) -> None:
    found = look(written(phase))
    assert (found.verdict, found.well) == (Verdict.EQUAL, True)
    left, right = found.stamps[Side.SOURCE], found.stamps[Side.TARGET]
    assert left is not None
    assert right is not None
    assert (left.version, left.birth) == (right.version, right.birth)
    assert found.primary is phase.primary
    assert value_of(found.target, "full_name") == (True, "Ada")
    assert VERSION not in [row.field for row in found.rows]


def test_a_field_when_it_differs_expects_it_marked_and_nothing_else() -> None:
    conductor = written()
    tamper(conductor, Side.TARGET, full_name="Eve")
    found = look(conductor)
    assert (found.verdict, found.well) == (Verdict.DIFFERENT, False)
    assert "somebody wrote past it" in found.explanation
    assert [name for name, mark in marks(found).items() if mark is Mark.DIFFERS] == ["full_name"]


def test_a_field_when_only_v2_can_hold_it_expects_it_marked_as_that() -> None:
    conductor = written(Phase.READ_V2)
    (name, *_) = sorted(conductor.world.migration.target_only)
    tamper(conductor, Side.TARGET, **{name: "anything"})
    found = look(conductor)
    assert found.well
    assert marks(found)[name] is Mark.V2_ONLY


@pytest.mark.parametrize(
    ("phase", "side", "changes", "verdict"),
    [
        (Phase.VALIDATE, Side.TARGET, {VERSION: Decimal(9)}, Verdict.AHEAD),
        (Phase.VALIDATE, Side.SOURCE, {VERSION: Decimal(9)}, Verdict.LAGGING),
        (Phase.READ_V2, Side.TARGET, {VERSION: Decimal(9)}, Verdict.LAGGING),
        (Phase.READ_V2, Side.SOURCE, {VERSION: Decimal(9)}, Verdict.AHEAD),
        (Phase.VALIDATE, Side.TARGET, {BIRTH: "another"}, Verdict.STALE),
        (Phase.VALIDATE, Side.TARGET, {VERSION: "a text"}, Verdict.DIFFERENT),
    ],
)
def test_a_pair_when_its_stamps_differ_expects_which_side_is_older(
    phase: Phase, side: Side, changes: Item, verdict: Verdict
) -> None:
    conductor = written(phase)
    tamper(conductor, side, **changes)
    assert look(conductor).verdict is verdict


@pytest.mark.parametrize(
    ("phase", "dropped", "verdict"),
    [
        (Phase.VALIDATE, Side.TARGET, Verdict.MISSING),
        (Phase.VALIDATE, Side.SOURCE, Verdict.ORPHAN),
        (Phase.READ_V2, Side.SOURCE, Verdict.MISSING),
        (Phase.READ_V2, Side.TARGET, Verdict.ORPHAN),
    ],
)
def test_a_record_when_one_table_lacks_it_expects_missing_or_orphan_by_who_decides(
    phase: Phase, dropped: Side, verdict: Verdict
) -> None:
    conductor = written(phase)
    conductor.parts.tables.write(Delete(dropped, key("a")))
    assert look(conductor).verdict is verdict


def test_a_record_when_not_copied_yet_expects_that_said() -> None:
    conductor = stage(legacy("a"), phase=Phase.DUAL_WRITE)
    found = look(conductor)
    assert found.verdict is Verdict.MISSING
    assert "no backfill has copied it yet" in found.explanation
    assert isinstance(found.image, dict)


def test_a_record_when_it_cannot_move_expects_why_and_no_image() -> None:
    found = look(stage(legacy("a", active="perhaps")))
    assert found.verdict is Verdict.UNMOVABLE
    assert isinstance(found.image, Unmovable)
    assert "active" in found.explanation


def test_a_record_when_excluded_expects_it_left_out() -> None:
    conductor = stage(legacy("a"), legacy("b"))
    conductor.migrate(approve="auto", until="VALIDATE", exclude=["a"])
    found = look(conductor)
    assert (found.verdict, found.well) == (Verdict.LEFT_OUT, True)
    conductor.load(Side.TARGET, person("a"))
    assert look(conductor).verdict is Verdict.ORPHAN


def test_a_write_when_on_its_way_at_the_first_look_expects_raced() -> None:
    conductor = written()
    stored = conductor.stored(Side.TARGET, key("a"))
    assert stored is not None
    tamper(conductor, Side.TARGET, full_name="of before")
    looks = iter(range(9))

    def arrive(call: str) -> None:
        if call == "get_together" and next(looks) == 1:
            conductor.load(Side.TARGET, stored)

    found = look(conductor.watched(before=arrive))
    assert (found.verdict, found.well) == (Verdict.RACED, True)
    assert "full_name" in found.explanation


def test_a_record_when_neither_table_has_it_expects_not_found() -> None:
    with pytest.raises(NotFound) as refusal:
        look(written(), "nobody")
    assert refusal.value.key == "EMPLOYEE#nobody|PROFILE"


def test_a_record_when_v1_is_deleted_expects_a_refusal() -> None:
    conductor = written(Phase.DECOMMISSIONED)
    with pytest.raises(GuardRefused):
        look(conductor)


def test_looking_when_done_expects_nothing_logged_or_stored() -> None:
    conductor = written()
    tamper(conductor, Side.TARGET, full_name="Eve")
    writes: list[str] = []
    for port in ("ledger", "control", "archive", "tables", "administration"):
        look(conductor.watched(before=writes.append, port=port))
    assert set(writes) <= {"read", "get_together", "exclusions"}
