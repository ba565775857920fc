"""Journeys in place: forward to DONE, back to OFF, held and resumed, with writers in between."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.engine.cutover import move_by_hand
from shared.model.control import NEVER_UPGRADED
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.item import canonical
from shared.model.phases import IN_PLACE, Phase
from shared.model.runs import FindingKind, RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.in_place.stage import author, key, note, records, stage

NAMES = tuple("abcdefgh")
BACK = [(a, b) for a in IN_PLACE for b in IN_PLACE if b.order < a.order]


def crowd() -> list[dict[str, object]]:
    return [note(name, f"{name} two three", extra={"deep": [name]}) for name in NAMES]


def test_a_migration_when_nobody_writes_expects_every_phase_and_every_record_upgraded() -> None:
    conductor = stage(*crowd())
    seen: list[Phase] = []
    run = conductor.migrate(lambda _: seen.append(conductor.phase), approve="auto")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.DONE)
    assert tuple(dict.fromkeys(seen)) == IN_PLACE
    assert run.counts.written == run.counts.scanned == len(NAMES)
    for name in NAMES:
        stored = conductor.stored(Side.SOURCE, key(name)) or {}
        assert (stored["body"], stored["words"]) == (f"{name} two three", Decimal(3))
        assert "text" not in stored


@pytest.mark.parametrize(("start", "goal"), BACK)
def test_a_rollback_when_nobody_wrote_brings_back_every_byte(start: Phase, goal: Phase) -> None:
    conductor = stage(*crowd(), phase=start)
    run = conductor.rollback(to_phase=goal.value)
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, goal)
    if goal.order <= Phase.READ_BOTH.order:
        stored = [canonical(each) for each in conductor.parts.store.items(Side.SOURCE)]
        assert sorted(stored, key=str) == sorted(map(canonical, crowd()), key=str)


@pytest.mark.parametrize("phase", IN_PLACE)
def test_a_record_when_upgraded_and_restored_looks_the_same_to_callers(phase: Phase) -> None:
    conductor = stage(note("a"), phase=phase)
    seen = records(conductor).get(key("a"))
    assert seen.item == {"note_id": "a", "body": "one two", "words": Decimal(2)}
    assert (seen.version, seen.life) == (0, "0")


def test_a_rollback_when_records_were_written_since_reports_them_and_overwrites_nothing() -> None:
    conductor = stage(*crowd(), phase=Phase.VALIDATE)
    service = records(conductor)
    service.update(key("a"), {"body": "new words here now"}, (), None)
    service.create({"note_id": "z", "body": "born new"}, key("z"))
    service.delete(key("b"), None)
    run = conductor.rollback(to_phase="READ_BOTH")
    assert (run.status, run.phase) == (RunStatus.HELD, Phase.READ_BOTH)
    restore = conductor.world.ledger.runs("notes", 1)[0]
    assert restore.kind is RunKind.RESTORE
    assert [(each.key, each.kind) for each in conductor.findings(restore)] == [
        ("a", FindingKind.CONFLICT),
        ("z", FindingKind.CONFLICT),
    ]
    assert (restore.counts.mismatched, restore.counts.written) == (2, len(NAMES) - 2)
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["body"] == "new words here now"
    assert conductor.stored(Side.SOURCE, key("b")) is None
    conductor.settle()
    assert records(conductor).get(key("a")).item["words"] == Decimal(4)
    run = conductor.rollback(to_phase="OFF")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.OFF)
    assert (conductor.stored(Side.SOURCE, key("z")) or {})["text"] == "born new"
    assert records(conductor).get(key("a")).item["body"] == "new words here now"


def test_a_rollback_to_off_when_a_record_fits_only_the_new_shape_is_held_before_off() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    records(conductor).create({"note_id": "z", "body": "x", "author": "Ann"}, key("z"))
    run = conductor.rollback(to_phase="OFF")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.OFF)


def test_named_records_when_rolled_back_alone_leave_the_others_and_the_phase() -> None:
    conductor = stage(*crowd(), phase=Phase.VALIDATE)
    run = conductor.rollback(keys=["a", "c"])
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.VALIDATE)
    old = {n for n in NAMES if "text" in (conductor.stored(Side.SOURCE, key(n)) or {})}
    assert old == {"a", "c"}
    held = conductor.validate()
    assert held.status is RunStatus.HELD
    assert {each.kind for each in conductor.findings(held)} == {FindingKind.MISSING}
    assert conductor.validate(repair=True).counts.repaired == 2


def test_a_dry_run_when_a_record_is_ambiguous_holds_the_migration_with_nothing_moved() -> None:
    two = (author("a1", "Ann"), author("a2", "Ann"))
    conductor = stage(
        note("a"), note("b", account="acme", author="Ann"), phase=Phase.OFF, authors=two
    )
    run = conductor.migrate(approve="auto")
    assert (run.status, run.phase, run.counts.ambiguous) == (RunStatus.HELD, Phase.OFF, 1)
    run = conductor.migrate(approve="auto", exclude=["b"], until="VALIDATE")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.VALIDATE)
    assert "text" in (conductor.stored(Side.SOURCE, key("b")) or {})
    conductor.settle()
    conductor.approve(Phase.DONE)
    with pytest.raises(GuardRefused) as caught:
        move_by_hand(conductor.world, Phase.DONE, None, actor="Ada", reason="x")
    assert caught.value.missing == ("exclusions_released",)


def test_done_when_a_record_is_left_out_waits_until_a_person_gives_it_up() -> None:
    conductor = stage(*crowd(), note("odd", Decimal(5)))
    left = conductor.migrate(approve="auto", exclude=["odd"])
    assert (left.status, left.phase) == (RunStatus.HELD, Phase.VALIDATE)
    conductor.approve(Phase.DONE, releases_exclusions=True)
    run = conductor.migrate(approve="auto")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.DONE)
    assert (conductor.stored(Side.SOURCE, key("odd")) or {})["text"] == Decimal(5)


def test_a_phase_of_two_tables_when_asked_for_in_place_is_refused_with_the_way() -> None:
    conductor = stage(note("a"))
    with pytest.raises(InvalidInput) as caught:
        conductor.migrate(until="READ_V2")
    assert "READ_BOTH, WRITE_NEW" in str(caught.value.mend)


def test_restored_is_known_from_the_start_and_forgotten_with_the_first_new_write() -> None:
    conductor = stage(note("a"), phase=Phase.READ_BOTH)
    assert conductor.state.restored == NEVER_UPGRADED
    conductor.go_to(Phase.WRITE_NEW)
    assert conductor.state.restored is None
    conductor.rollback(to_phase="READ_BOTH")
    assert conductor.state.restored is None
    conductor.rollback(to_phase="OFF")
    assert conductor.phase is Phase.OFF


def test_a_share_when_the_ramp_has_begun_upgrades_its_keys_and_no_others() -> None:
    conductor = stage(*[note(f"n{i}") for i in range(40)], phase=Phase.WRITE_NEW, percent=50)
    service = records(conductor)
    for i in range(40):
        service.update(key(f"n{i}"), {"body": "changed"}, (), None)
    stored = [conductor.stored(Side.SOURCE, key(f"n{i}")) or {} for i in range(40)]
    new = sum("body" in each for each in stored)
    assert 5 < new < 35
    assert all(("body" in each) != ("text" in each) for each in stored)
    assert {service.get(key(f"n{i}")).item["body"] for i in range(40)} == {"changed"}


def test_a_ramp_when_nobody_says_which_is_the_environment_s() -> None:
    conductor = stage(note("a"))
    environment = replace(conductor.world.environment, ramp=(7, 100))
    conductor = replace(conductor, world=replace(conductor.world, environment=environment))
    shares: list[int] = []
    conductor.migrate(lambda _: shares.append(conductor.state.percent), approve="auto")
    assert list(dict.fromkeys(shares)) == [0, 7, 100]


def test_references_that_nobody_uses_are_listed_and_stop_nothing() -> None:
    conductor = stage(
        note("a", account="acme", author="Ann"),
        phase=Phase.WRITE_NEW,
        authors=(author("a1", "Ann"), author("a2", "Bob")),
    )
    conductor.backfill()
    run = conductor.validate()
    assert run.status is RunStatus.SUCCEEDED
    [found] = conductor.findings(run)
    assert (found.kind, found.key) == (FindingKind.UNUSED, "acme|a2")


def test_an_invariant_when_a_record_breaks_it_is_named_with_the_record() -> None:
    conductor = stage(note("a", "unsound"), note("b"), phase=Phase.WRITE_NEW)
    conductor.backfill()
    run = conductor.validate(repair=True)
    assert run.status is RunStatus.HELD
    [found] = conductor.findings(run)
    assert (found.kind, found.reason) == (FindingKind.INVARIANT, "sound: its body is unsound")


def test_a_derived_attribute_when_written_past_the_wrapper_is_found_and_computed_anew() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    stored = conductor.stored(Side.SOURCE, key("a")) or {}
    conductor.load(Side.SOURCE, {**stored, "words": Decimal(99)})
    run = conductor.validate(repair=True)
    assert (run.counts.mismatched, run.counts.repaired) == (1, 1)
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["words"] == Decimal(2)


def test_people_when_writes_are_ramped_are_told_of_writes_and_of_no_reader() -> None:
    conductor = stage(note("a"), phase=Phase.OFF)
    conductor.migrate(approve="auto", ramp=[10, 100])
    told = [subject for subject, _ in conductor.parts.notifications.published]
    assert "cutover notes: now in WRITE_NEW, 10 per cent of writes in the new shape" in told
    assert "cutover notes: now in VALIDATE, 100 per cent of writes in the new shape" in told
    assert not [each for each in told if "reads" in each or "v2" in each]
    assert not [each for each in conductor.world.ledger.audit("notes", 99) if "v2" in each.detail]
