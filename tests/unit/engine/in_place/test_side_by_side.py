"""One record in place looked at closely, in each state in which it can be."""

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.engine.in_place.side_by_side import InBothShapes, look_in_place
from shared.engine.side_by_side import Mark, Verdict
from shared.engine.world import in_place
from shared.model.errors import NotFound
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.stage import key, note, records, stage


def look(conductor: Conductor, name: str = "a") -> InBothShapes:
    return look_in_place(in_place(conductor.world), key(name))


def spoil(conductor: Conductor, **changes: object) -> None:
    stored: Item = conductor.stored(Side.SOURCE, key("a")) or {}
    conductor.load(Side.SOURCE, {**stored, **changes})


def marks(found: InBothShapes) -> dict[str, Mark]:
    return {row.field: row.mark for row in found.rows}


def test_a_record_when_not_yet_upgraded_is_old_and_well_and_shows_what_it_becomes() -> None:
    found = look(stage(note("a"), phase=Phase.WRITE_NEW))
    assert (found.verdict, found.well, found.upgraded) == (Verdict.OLD, True, False)
    assert found.image == {"note_id": "a", "body": "one two", "words": Decimal(2)}
    assert marks(found) == {
        "note_id": Mark.SAME,
        "text": Mark.CHANGES,
        "body": Mark.CHANGES,
        "words": Mark.CHANGES,
    }
    assert found.before is None


def test_a_record_when_upgraded_is_well_and_shows_its_snapshot() -> None:
    found = look(stage(note("a"), phase=Phase.VALIDATE))
    assert (found.verdict, found.upgraded) == (Verdict.UPGRADED, True)
    assert found.before == note("a")
    assert found.way_back == "its snapshot, to the byte"


def test_a_record_when_written_since_has_no_snapshot_to_go_back_to() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    records(conductor).update(key("a"), {"body": "x"}, (), None)
    found = look(conductor)
    assert (found.verdict, found.before) == (Verdict.UPGRADED, None)
    assert "changed or created since" in found.way_back


def test_a_record_when_changed_past_the_wrapper_shows_what_is_wrong_and_its_snapshot() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    spoil(conductor, words=Decimal(7))
    found = look(conductor)
    assert (found.verdict, found.well) == (Verdict.DIFFERENT, False)
    assert marks(found)["words"] is Mark.DIFFERS
    assert found.before == note("a")
    assert "past the wrapper" in found.way_back


def test_a_record_when_it_breaks_an_invariant_is_unsound_by_its_name() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    spoil(conductor, body="unsound", words=Decimal(1))
    found = look(conductor)
    assert (found.verdict, found.explanation) == (
        Verdict.UNSOUND,
        "sound: its body is unsound",
    )


def test_a_record_when_still_old_after_the_backfill_is_missing() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    conductor.load(Side.SOURCE, note("a"))
    assert look(conductor).verdict is Verdict.MISSING


def test_a_record_when_a_person_left_it_out_or_it_asks_for_it_is_well() -> None:
    conductor = stage(note("a"), note("b", "keep as it is"), phase=Phase.OFF)
    conductor.migrate(approve="auto", until="VALIDATE", exclude=["a"])
    for name in ("a", "b"):
        found = look(conductor, name)
        assert (found.verdict, found.well) == (Verdict.LEFT_OUT, True)
        assert Mark.DIFFERS not in marks(found).values()


def test_a_record_when_it_has_no_new_shape_names_the_field() -> None:
    found = look(stage(note("a", Decimal(7))))
    assert found.verdict is Verdict.UNMOVABLE
    assert marks(found)["text"] is Mark.DIFFERS


def test_a_record_when_its_stamp_is_broken_is_unmovable_and_nothing_fails() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    spoil(conductor, _cutover_version="nonsense")
    found = look(conductor)
    assert (found.verdict, found.stamp) == (Verdict.UNMOVABLE, None)


def test_a_record_when_there_is_none_is_not_found_by_its_key() -> None:
    with pytest.raises(NotFound) as caught:
        look(stage(note("a")), "nobody")
    assert caught.value.key == "nobody"


def test_looking_changes_nothing() -> None:
    conductor = stage(note("a"), phase=Phase.VALIDATE)
    before = conductor.stored(Side.SOURCE, key("a"))
    state = conductor.state
    look(conductor)
    assert conductor.stored(Side.SOURCE, key("a")) == before
    assert conductor.state == replace(state)
