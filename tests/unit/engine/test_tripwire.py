"""The tripwire: writes past the wrapper are found, named, mended or held; the wrapper's are not."""

from dataclasses import replace
from decimal import Decimal

import pytest

from migrations.personnel.migration import MIGRATION
from shared.engine.cutover import move_by_hand
from shared.engine.disproof import TRIES
from shared.engine.tripwire import examine, suspects
from shared.model.errors import Contended
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import FindingKind, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person
from tests.unit.engine.conductor import stage as staged
from tests.unit.engine.outsiders import NAMES, WRITES, actions, entries, tamper, watch
from tests.unit.engine.watched import Killed, Lose, Meanwhile

MENDING = replace(MIGRATION, tripwire="repair")
WATCHED = [Phase.VALIDATE, Phase.SHADOW_READ, Phase.READ_N, Phase.READ_V2]


def stage(*items: Item, phase: Phase = Phase.OFF) -> Conductor:
    """Return a migration that declares its tripwire to mend at once."""
    return staged(*items, phase=phase, migration=MENDING)


def proven(phase: Phase = Phase.VALIDATE) -> Conductor:
    """Return a migration in a phase, with a certificate and records of the wrapper's and older."""
    conductor = stage(
        *[legacy(name, full_name=f"N{name}", project_id="P1") for name in NAMES], phase=phase
    )
    conductor.records().update(key("C"), {"role": "admin"}, (), None)
    conductor.records().create(person("E", full_name="Eve"), key("E"))
    assert conductor.certificate_granted()
    return conductor


def alike(conductor: Conductor) -> bool:
    return conductor.validate().counts.mismatched == 0


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("phase", WATCHED)
@pytest.mark.parametrize("write", WRITES)
def test_a_write_past_the_wrapper_when_seen_expects_it_named_void_and_mended(
    write: str, phase: Phase, side: Side
) -> None:
    conductor = proven(phase)
    act, name = WRITES[write]
    act(conductor, side)
    truth = conductor.parts.store.items(phase.primary)
    (found,) = watch(conductor, name)
    assert (found.key, found.repaired) == (f"EMPLOYEE#{name}|PROFILE", True)
    assert not conductor.certificate_granted()
    assert actions(conductor) == ["mend record", "void certificate"]
    assert all(found.key in each.reason for each in entries(conductor))
    assert conductor.parts.store.items(phase.primary) == truth
    assert alike(conductor)


def test_a_finding_when_mended_is_kept_with_what_was_overwritten() -> None:
    conductor = proven(Phase.READ_V2)
    tamper(conductor, Side.SOURCE, "A", full_name="Mallory")
    watch(conductor, "A")
    document = conductor.world.archive.load(entries(conductor)[0].detail)
    assert (document["kind"], document["repaired"], document["phase"]) == (
        "different",
        True,
        "READ_V2",
    )
    assert document["record"]["full_name"] == {"S": "Mallory"}


@pytest.mark.parametrize("phase", WATCHED[:3])
def test_a_record_that_cannot_move_when_written_to_v1_expects_it_held_for_a_person(
    phase: Phase,
) -> None:
    conductor = proven(phase)
    tamper(conductor, Side.SOURCE, "A", active="perhaps")
    before = conductor.parts.store.items(Side.TARGET)
    (found,) = watch(conductor, "A")
    assert (found.kind, found.field, found.repaired) == (FindingKind.AMBIGUOUS, "active", False)
    assert not conductor.certificate_granted()
    assert actions(conductor) == ["hold record", "void certificate"]
    assert conductor.parts.store.items(Side.TARGET) == before


def test_a_stamp_that_is_none_when_written_expects_the_record_held() -> None:
    conductor = proven(Phase.READ_V2)
    tamper(conductor, Side.SOURCE, "A", _cutover_version="one")
    (found,) = watch(conductor, "A")
    assert (found.repaired, found.field) == (False, "_cutover_version")
    assert not conductor.certificate_granted()


def test_a_held_record_when_a_pass_has_gone_by_it_lets_the_pass_prove_nothing() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    watch(conductor, "A")
    started = conductor.begin(RunKind.VALIDATE)
    conductor.work(started)
    tamper(conductor, Side.SOURCE, "B", active="perhaps")
    watch(conductor, "B")
    assert conductor.finish(started).status is RunStatus.SUCCEEDED
    assert not conductor.certificate_granted()


# -- no false alarm


@pytest.mark.parametrize("phase", WATCHED)
def test_the_wrappers_own_writes_when_seen_expect_nothing(phase: Phase) -> None:
    conductor = proven(phase)
    records = conductor.records()
    records.create(person("F", full_name="Fay"), key("F"))
    records.update(key("A"), {"full_name": "Ann"}, (), None)
    records.delete(key("B"), None)
    assert suspects(conductor.world, map(key, "ABCEF")) == []
    assert [examine(conductor.world, key(name)) for name in "ABCEF"] == [None] * 5
    assert conductor.certificate_granted()


@pytest.mark.parametrize("phase", WATCHED)
def test_a_writer_between_the_two_reads_when_suspected_expects_no_alarm(phase: Phase) -> None:
    conductor = proven(phase)
    writer, count = conductor.records(), iter(range(1000))

    def write() -> None:
        writer.update(key("A"), {"full_name": f"Ann {next(count)}"}, (), None)

    raced = conductor.watched(before=Meanwhile(write))
    suspected = suspects(raced.world, [key("A")])
    assert suspected == [key("A")]
    assert examine(raced.world, key("A")) is None
    assert conductor.certificate_granted()
    assert entries(conductor) == []


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.WRITE_V2_ONLY, Phase.ARCHIVED])
def test_phases_in_which_the_tables_part_expect_nothing(phase: Phase) -> None:
    conductor = stage(*[legacy(name, full_name=name) for name in NAMES], phase=phase)
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    assert suspects(conductor.world, [key("A")]) == []
    assert examine(conductor.world, key("A")) is None
    assert entries(conductor) == []


def test_a_write_of_the_phase_before_when_the_move_has_not_settled_expects_nothing() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.WRITE_V2_ONLY)
    conductor.records().update(key("A"), {"full_name": "Anna"}, (), None)
    move_by_hand(conductor.world, Phase.READ_V2, None, actor="Ada", reason="back")
    assert examine(conductor.world, key("A")) is None
    assert entries(conductor) == []


def test_a_first_copy_that_is_not_complete_expects_nothing() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.DUAL_WRITE)
    assert conductor.state.backfilled is None
    assert suspects(conductor.world, [key("A")]) == []
    assert examine(conductor.world, key("A")) is None
    assert not conductor.parts.store.items(Side.TARGET)


def test_an_excluded_record_when_written_expects_nothing() -> None:
    conductor = stage(
        legacy("A", full_name="Ann"),
        legacy("X", full_name="Xie", active="perhaps"),
    )
    conductor.migrate(approve="auto", until="VALIDATE", exclude=["EMPLOYEE#X|PROFILE"])
    assert conductor.certificate_granted()
    tamper(conductor, Side.SOURCE, "X", full_name="Xu")
    assert suspects(conductor.world, [key("X")]) == []
    assert examine(conductor.world, key("X")) is None
    assert conductor.certificate_granted()


def test_a_row_brought_back_before_a_certificate_expects_it_mended_and_a_pass_undisturbed() -> None:
    conductor = stage(*[legacy(name, full_name=name) for name in NAMES], phase=Phase.DUAL_WRITE)
    conductor.backfill()
    conductor.settle()
    row = conductor.stored(Side.TARGET, key("A"))
    conductor.records().delete(key("A"), None)
    assert row is not None
    conductor.load(Side.TARGET, row)  # a page of the backfill that was read before the delete
    voids = conductor.state.voids
    (found,) = watch(conductor, "A")
    assert (found.kind, found.repaired) == (FindingKind.ORPHAN, True)
    assert conductor.state.voids == voids
    assert actions(conductor) == ["mend record"]


def test_a_changed_transform_expects_no_comparison_with_it() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    newer = replace(conductor.world, digest="newer")
    assert suspects(newer, [key("A")]) == []
    assert examine(newer, key("A")) is None


# -- again, late, and in the middle


def test_a_record_of_the_stream_when_it_comes_again_expects_nothing_new() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    assert len(watch(conductor, "A", "A", "A")) == 1
    assert watch(conductor, "A") == []
    assert examine(conductor.world, key("A")) is None
    assert len(entries(conductor)) == 2


def test_many_writes_past_the_wrapper_expect_each_named_and_one_voiding() -> None:
    conductor = proven()
    for name in NAMES:
        tamper(conductor, Side.TARGET, name, full_name="Mallory")
    assert len(watch(conductor, *NAMES)) == 3
    assert actions(conductor) == ["mend record"] * 3 + ["void certificate"]


class Dies:
    """Kills the process at the first call of a name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, name: str) -> None:
        if name == self._name:
            raise Killed(name)


def test_a_watcher_killed_before_it_mends_has_voided_and_mends_when_it_comes_again() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    with pytest.raises(Killed):
        watch(conductor.watched(before=Dies("write_together")), "A")
    assert not conductor.certificate_granted()
    (found,) = watch(conductor, "A")
    assert found.repaired
    assert alike(conductor)


def test_a_lost_answer_of_the_mend_expects_it_told_as_mended() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    (found,) = watch(conductor.watched(after=Lose()), "A")
    assert found.repaired
    assert alike(conductor)


def test_a_move_while_a_record_is_compared_expects_it_judged_anew() -> None:
    conductor = proven(Phase.READ_N)
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    moved: list[int] = []

    def home(name: str) -> None:
        if name == "get_together" and not moved:
            moved.append(1)
            move_by_hand(conductor.world, Phase.SHADOW_READ, None, actor="Ada", reason="home")

    (found,) = watch(conductor.watched(after=home), "A")
    assert found.repaired
    assert not conductor.certificate_granted()
    assert alike(conductor)


def test_a_record_that_is_written_past_the_wrapper_all_the_time_expects_it_tried_again_later() -> (
    None
):
    conductor = proven()
    versions = iter(range(100, 1000))

    def write() -> None:
        tamper(conductor, Side.TARGET, "A", _cutover_version=Decimal(next(versions)))

    write()
    raced = conductor.watched(before=Meanwhile(write))
    with pytest.raises(Contended):
        examine(raced.world, key("A"))
    assert not conductor.certificate_granted()
    assert TRIES > 1
    assert examine(conductor.world, key("A")) is not None
    assert alike(conductor)
