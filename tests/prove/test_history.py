"""The judge of histories: what one order explains, and what none does."""

from math import inf

from prove.history import UNSEEN, Act, Call, End, Seen, State, explains

FIRST = State((("name", "first"),), None, 1)


def seen(name: str, version: int, note: str | None = UNSEEN) -> Seen:
    return Seen((("name", name),), note, version)


def get(began: int, ended: float, found: Seen | None) -> Call:
    end = End.ABSENT if found is None else End.DONE
    return Call("r", "a", Act.GET, began, ended, end, seen=found)


def rename(
    began: int, ended: float, name: str, version: int | None, expected: int | None = None
) -> Call:
    call = Call("w", "a", Act.UPDATE, began, ended, fields=(("name", name),), expected=expected)
    if version is not None:
        call.end, call.seen = End.DONE, seen(name, version)
    return call


def test_nothing_when_nobody_called_expects_an_explanation() -> None:
    assert explains([], None)


def test_a_read_when_it_began_after_a_write_was_acknowledged_expects_the_write() -> None:
    write = rename(1, 2, "second", 2)
    assert explains([write, get(3, 4, seen("second", 2))], FIRST)
    assert not explains([write, get(3, 4, seen("first", 1))], FIRST)
    assert not explains([write, get(3, 4, None)], FIRST)


def test_a_read_when_a_write_is_under_way_expects_either() -> None:
    for found in (seen("first", 1), seen("second", 2)):
        assert explains([rename(1, 5, "second", 2), get(2, 3, found)], FIRST)


def test_two_reads_when_the_first_saw_a_write_expect_no_way_back() -> None:
    write = rename(1, 9, "second", 2)
    assert not explains([write, get(2, 3, seen("second", 2)), get(4, 5, seen("first", 1))], FIRST)


def test_a_write_when_its_answer_was_lost_expects_one_effect_or_none() -> None:
    lost = rename(1, inf, "second", None)
    assert explains([lost, get(3, 4, seen("first", 1))], FIRST)
    assert explains([lost, get(3, 4, seen("second", 7))], FIRST)
    back = [get(3, 4, seen("second", 2)), rename(5, 6, "third", 3), get(7, 8, seen("second", 4))]
    assert not explains([lost, *back], FIRST)


def test_a_deleted_record_when_it_is_seen_again_expects_no_explanation() -> None:
    gone = Call("w", "a", Act.DELETE, 1, 2, End.DONE)
    assert explains([gone, get(3, 4, None)], FIRST)
    assert not explains([gone, get(3, 4, seen("first", 1))], FIRST)


def test_two_updates_when_both_expected_one_version_expect_one_to_be_refused() -> None:
    both = [rename(1, 3, "second", 2, expected=1), rename(2, 4, "third", 3, expected=1)]
    assert not explains(both, FIRST)
    both[1].end, both[1].seen = End.CONFLICT, None
    assert explains(both, FIRST)


def test_a_note_when_v2_shows_the_record_without_it_expects_no_explanation() -> None:
    noted = State((("name", "first"),), "n", 1)
    assert explains([get(1, 2, seen("first", 1))], noted)
    assert explains([get(1, 2, seen("first", 1, "n"))], noted)
    assert not explains([get(1, 2, seen("first", 1, None))], noted)


def test_a_second_create_when_the_record_is_there_expects_to_be_told_so() -> None:
    made = Call("w", "a", Act.CREATE, 1, 2, End.DONE, (("name", "new"),), seen=seen("new", 1))
    again = Call("x", "a", Act.CREATE, 3, 4, End.PRESENT, (("name", "x"),))
    assert explains([made, again], None)
    assert not explains([again], None)
