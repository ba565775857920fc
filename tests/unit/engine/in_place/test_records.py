"""Records of a migration in place: the same answers in every phase, whichever shape is stored."""

from decimal import Decimal

import pytest

from shared.model.declaration import Search
from shared.model.errors import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    RecordHeld,
    VersionConflict,
)
from shared.model.item import Item
from shared.model.phases import IN_PLACE, Phase
from shared.model.stamp import Seen, life
from shared.model.writes import Side
from tests.in_place.toy import BY_ACCOUNT
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.doubtful import ANNS
from tests.unit.engine.in_place.stage import key, note, records, stage

OLD, NEW = note("a", "one two"), {"note_id": "a", "body": "one two", "words": Decimal(2)}
UPGRADING = (Phase.WRITE_NEW, Phase.VALIDATE, Phase.DONE)
EITHER = pytest.mark.parametrize("shape", [OLD, NEW], ids=["old", "new"])
EVERY = pytest.mark.parametrize("phase", IN_PLACE)


def holding(*items: Item, phase: Phase = Phase.OFF, authors: tuple[Item, ...] = ()) -> Conductor:
    """Return a migration in a phase whose table then got these items past the wrapper."""
    conductor = stage(phase=phase, authors=authors)
    conductor.load(Side.SOURCE, *items)
    return conductor


def stored(conductor: Conductor, name: str = "a") -> Item:
    return conductor.stored(Side.SOURCE, key(name)) or {}


# -- create


@EVERY
def test_a_created_record_is_new_to_callers_and_old_in_the_table_before_write_new(
    phase: Phase,
) -> None:
    conductor = holding(phase=phase)
    made = records(conductor).create({"note_id": "a", "body": "one two", "words": 99}, key("a"))
    assert (made.item, made.version) == (NEW, 1)
    assert records(conductor).get(key("a")) == made
    assert ("body" in stored(conductor)) is (phase in UPGRADING)
    assert stored(conductor)["_cutover_version"] == 1


@EVERY
@EITHER
def test_a_record_that_exists_in_either_shape_is_not_created_again(
    phase: Phase, shape: Item
) -> None:
    conductor = holding(shape, phase=phase)
    with pytest.raises(AlreadyExists):
        records(conductor).create({"note_id": "a", "body": "other"}, key("a"))
    assert stored(conductor) == shape


@EVERY
def test_a_record_in_doubt_when_created_stays_old_and_loses_nothing(phase: Phase) -> None:
    conductor = holding(phase=phase, authors=ANNS)
    given = {"note_id": "a", "body": "hm", "account": "acme", "author": "Ann"}
    made = records(conductor).create(given, key("a"))
    assert "text" in stored(conductor)
    assert records(conductor).get(key("a")).item == made.item == {**given, "words": 1}


def test_a_record_without_a_form_in_the_new_shape_is_not_created() -> None:
    conductor = holding(phase=Phase.DONE)
    with pytest.raises(RecordHeld):
        records(conductor).create({"note_id": "a"}, key("a"))
    assert stored(conductor) == {}


# -- update


@EVERY
@EITHER
def test_an_update_keeps_the_shape_it_finds_before_write_new_and_leaves_the_new_one_from_there_on(
    phase: Phase, shape: Item
) -> None:
    conductor = holding({**shape, "extra": "kept"}, phase=phase)
    changed = records(conductor).update(key("a"), {"body": "now four words here"}, (), None)
    assert changed.item == {**NEW, "extra": "kept", "body": "now four words here", "words": 4}
    assert records(conductor).get(key("a")) == changed
    assert changed.version == 1
    assert ("body" in stored(conductor)) is (phase in UPGRADING or shape is NEW)
    assert stored(conductor)["extra"] == "kept"


@EVERY
@EITHER
def test_an_update_that_removes_an_attribute_removes_it(phase: Phase, shape: Item) -> None:
    conductor = holding({**shape, "tag": "x"}, phase=phase)
    assert records(conductor).update(key("a"), {}, ("tag",), None).item == NEW
    assert "tag" not in stored(conductor)


@EVERY
@EITHER
def test_an_update_after_which_there_is_no_new_shape_is_refused_and_changes_nothing(
    phase: Phase, shape: Item
) -> None:
    conductor = holding(shape, phase=phase)
    with pytest.raises(RecordHeld):
        records(conductor).update(key("a"), {}, ("body",), None)
    assert stored(conductor) == shape


@EVERY
def test_a_record_that_never_had_a_new_shape_can_be_changed_and_mended(phase: Phase) -> None:
    conductor = holding(note("a", Decimal(1)), phase=phase)
    service = records(conductor)
    assert service.update(key("a"), {"tag": "x"}, (), None).item["tag"] == "x"
    assert service.update(key("a"), {"body": "well"}, (), None).item["words"] == 1


@EVERY
def test_a_record_in_doubt_when_changed_stays_old_until_the_change_decides(phase: Phase) -> None:
    conductor = holding(note("a", account="acme", author="Ann"), phase=phase, authors=ANNS)
    service = records(conductor)
    service.update(key("a"), {"body": "three"}, (), None)
    assert stored(conductor)["text"] == "three"
    service.update(key("a"), {"author_id": "b1"}, ("author",), None)
    assert ("author_id" in stored(conductor)) is (phase in UPGRADING)
    assert service.get(key("a")).item["author_id"] == "b1"


@pytest.mark.parametrize("phase", UPGRADING[:2])
def test_an_excluded_record_when_changed_stays_in_the_old_shape(phase: Phase) -> None:
    conductor = stage(OLD)
    conductor.migrate(approve="auto", exclude=["a"], until=phase.value, ramp=[100])
    conductor.settle()
    assert records(conductor).update(key("a"), {"body": "new"}, (), None).item["words"] == 1
    assert stored(conductor)["text"] == "new"


@EVERY
def test_a_record_that_grows_beyond_400_kb_is_refused_and_left_as_it_is(phase: Phase) -> None:
    conductor = holding(OLD, phase=phase)
    service = records(conductor)
    with pytest.raises(InvalidInput):
        service.update(key("a"), {"body": "x" * 409_600}, (), None)
    with pytest.raises(InvalidInput):
        service.create({"note_id": "b", "body": "x" * 409_600}, key("b"))
    assert (stored(conductor), stored(conductor, "b")) == (OLD, {})


# -- If-Match


@EVERY
@EITHER
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_a_change_of_what_was_seen_holds_for_that_version_and_that_life(
    phase: Phase, shape: Item, verb: str
) -> None:
    conductor = holding(shape, phase=phase)
    service = records(conductor)

    def act(expected: Seen) -> None:
        if verb == "update":
            service.update(key("a"), {"tag": "x"}, (), expected)
        else:
            service.delete(key("a"), expected)

    for wrong in (Seen(1, "0"), Seen(0, life("another"))):
        with pytest.raises(VersionConflict):
            act(wrong)
    assert stored(conductor) == shape
    act(Seen(0, "0"))
    assert stored(conductor) == {} if verb == "delete" else stored(conductor)["tag"] == "x"


def test_what_was_seen_before_an_upgrade_and_a_restore_may_still_be_changed() -> None:
    conductor = stage(OLD, phase=Phase.WRITE_NEW)
    seen = records(conductor).get(key("a"))
    conductor.backfill()
    conductor.go_to(Phase.READ_BOTH)
    after = records(conductor).update(key("a"), {"tag": "x"}, (), Seen(seen.version, seen.life))
    assert after.version == 1


def test_what_was_seen_in_another_life_is_not_changed() -> None:
    conductor = holding(phase=Phase.DONE)
    service = records(conductor)
    first = service.create({"note_id": "a", "body": "one"}, key("a"))
    service.delete(key("a"), None)
    service.create({"note_id": "a", "body": "two"}, key("a"))
    with pytest.raises(VersionConflict):
        service.update(key("a"), {"tag": "x"}, (), Seen(first.version, first.life))


# -- delete, read, list


@EVERY
def test_what_is_not_there_is_not_found(phase: Phase) -> None:
    service = records(holding(phase=phase))
    for act in (
        lambda: service.get(key("a")),
        lambda: service.update(key("a"), {"tag": "x"}, (), None),
        lambda: service.delete(key("a"), None),
    ):
        with pytest.raises(NotFound):
            act()


@EVERY
def test_a_list_shows_records_of_both_shapes_alike_page_by_page(phase: Phase) -> None:
    both = [{**(OLD if n % 2 else NEW), "note_id": f"n{n}", "account": "acme"} for n in range(5)]
    service = records(holding(*both, note("z", account="other"), phase=phase))
    found, cursor = [], None
    while True:
        page = service.search(BY_ACCOUNT, {"account": "acme"}, cursor, 2)
        found += [each.item for each in page.records]
        if page.next is None:
            break
        cursor = page.next
    assert sorted(str(each["note_id"]) for each in found) == [f"n{n}" for n in range(5)]
    assert {(str(each["body"]), each["words"]) for each in found} == {("one two", 2)}


def test_a_cursor_of_another_list_is_refused() -> None:
    both = [note(f"n{n}", account="acme") for n in range(3)]
    service = records(holding(*both))
    cursor = service.search(BY_ACCOUNT, {"account": "acme"}, None, 1).next
    other = Search(("author",), "AccountIndex")
    with pytest.raises(InvalidInput):
        service.search(other, {"author": "Ann"}, cursor, 1)
