"""What a writer is told of a record that is not there, or is: never by half a commit."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from migrations.personnel.migration import MIGRATION
from shared.engine.cutover import move_by_hand
from shared.model.declaration import Decision, TableToTable, Verdict
from shared.model.errors import AlreadyExists, NotFound, RecordHeld
from shared.model.item import Item
from shared.model.phases import PAIRED, Phase
from shared.model.runs import RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage

A = key("A")
Act = Callable[[Conductor], object]
CHANGES: dict[str, Act] = {
    "update": lambda c: c.records().update(A, {"full_name": "Ann"}, (), None),
    "delete": lambda c: c.records().delete(A, None),
}


def strictly(strict: bool = True) -> TableToTable:
    return replace(MIGRATION, strict_reads=strict)


def reading(phase: Phase, *, strict: bool = True) -> Conductor:
    """Return a migration in a phase that has not settled, with one record."""
    conductor = stage(legacy("A", full_name="A"), migration=strictly(strict))
    conductor.migrate(approve="auto", until=phase.value, ramp=[50])
    return conductor


def half_seen(conductor: Conductor) -> Conductor:
    """Hide the record from plain reads, as if a commit were seen in the other table only."""
    side = conductor.phase.primary
    table, item = conductor.parts.store.table(side), conductor.stored(side, A)

    def hide(name: str) -> None:
        if name == "get":
            table.store(A, None)

    def show(name: str) -> None:
        if name == "get":
            table.store(A, item)

    return conductor.watched(before=hide, after=show)


@pytest.mark.parametrize("phase", [Phase.READ_N, Phase.READ_V2])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_when_a_plain_read_finds_nothing_expects_both_tables_asked_if_strict(
    phase: Phase, change: str
) -> None:
    CHANGES[change](half_seen(reading(phase)))
    with pytest.raises(NotFound):
        CHANGES[change](half_seen(reading(phase, strict=False)))


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_when_there_really_is_no_record_expects_not_found(change: str) -> None:
    conductor = reading(Phase.READ_N)
    conductor.records().delete(A, None)
    with pytest.raises(NotFound):
        CHANGES[change](conductor)


def going(conductor: Conductor) -> Conductor:
    """Let the record be removed between a create's refusal and the look at both tables."""

    def remove(name: str) -> None:
        if name == "get_together":
            for side in Side:
                conductor.parts.store.table(side).store(A, None)

    return conductor.watched(before=remove)


@pytest.mark.parametrize("phase", [Phase.READ_N, Phase.READ_V2])
def test_a_create_when_the_record_is_just_going_expects_both_tables_asked_if_strict(
    phase: Phase,
) -> None:
    made = going(reading(phase)).records().create(person("A", full_name="New"), A)
    assert made.item["full_name"] == "New"
    for conductor in (going(reading(phase, strict=False)), reading(phase)):
        with pytest.raises(AlreadyExists):
            conductor.records().create(person("A"), A)


# -- records that v2 never gets


def classify(item: Item) -> Verdict:
    """Leave notes out of the migration."""
    if item.get("kind") == "note":
        return Verdict(Decision.SKIP, "a note is no employee", "kind")
    return MIGRATION.classify(item)


LEAVING_OUT = replace(MIGRATION, classify=classify)
NOTE = legacy("A", kind="note", text="keep me")


ALONE = [each for each in PAIRED if each.primary is Side.TARGET and not each.dual]
KEPT = [each for each in ALONE if each.source_exists]


@pytest.mark.parametrize("phase", [each for each in PAIRED if each not in ALONE])
def test_a_create_when_v1_alone_holds_the_key_is_refused_and_leaves_it(phase: Phase) -> None:
    conductor = stage(NOTE, legacy("B"), phase=phase, migration=LEAVING_OUT)
    with pytest.raises(AlreadyExists):
        conductor.records().create(person("A", full_name="Ann"), A)
    assert conductor.stored(Side.SOURCE, A) == NOTE
    assert conductor.stored(Side.TARGET, A) is None


@pytest.mark.parametrize("phase", KEPT)
def test_a_create_in_v2_alone_when_v1_holds_the_key_is_done_and_no_way_back_overwrites_v1(
    phase: Phase,
) -> None:
    conductor = stage(NOTE, legacy("B"), phase=phase, migration=LEAVING_OUT)
    conductor.records().create(person("A", full_name="Ann"), A)
    run = conductor.rollback(to_phase="OFF")
    assert (run.status, conductor.phase) == (RunStatus.HELD, Phase.READ_V2)
    assert conductor.dead == ([A] if phase is Phase.V2_AF else [])
    for change in CHANGES.values():
        with pytest.raises(RecordHeld):
            change(conductor)
    assert conductor.stored(Side.SOURCE, A) == NOTE
    assert conductor.records().get(A).item["full_name"] == "Ann"


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_when_a_certificate_proves_the_tables_alike_does_not_look_at_v1(
    change: str,
) -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_V2)
    asked: list[str] = []
    CHANGES[change](conductor.watched(before=asked.append))
    assert asked.count("get") == 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_when_v1_is_only_behind_is_done_without_a_certificate(change: str) -> None:
    conductor = stage(legacy("A", full_name="Older"), phase=Phase.WRITE_V2_ONLY)
    conductor.records().update(A, {"full_name": "Newer"}, (), None)
    move_by_hand(conductor.world, Phase.READ_V2, None, actor="Ada", reason="back")
    assert not conductor.certificate_granted()
    CHANGES[change](conductor)
    found = conductor.stored(Side.SOURCE, A)
    assert (found and found["full_name"]) == ("Ann" if change == "update" else None)


def test_a_create_when_v1_kept_a_record_that_v2_deleted_is_done() -> None:
    conductor = stage(legacy("A"), phase=Phase.WRITE_V2_ONLY, migration=LEAVING_OUT)
    conductor.records().delete(A, None)
    assert conductor.stored(Side.SOURCE, A) is not None
    assert conductor.records().create(person("A", full_name="Ann"), A).version == 1


def test_a_create_when_v1_is_deleted_asks_only_v2() -> None:
    conductor = stage(NOTE, phase=Phase.DECOMMISSIONED, migration=LEAVING_OUT)
    asked: list[str] = []
    conductor.watched(before=asked.append).records().create(person("A"), A)
    assert "get" not in asked
