"""The review queue in place: what waits for a person, what he is shown, and his word on it."""

from decimal import Decimal

from shared.engine.review import queue, show
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.in_place.doubtful import OPEN, doubtful, stored, waiting
from tests.unit.engine.in_place.stage import author, key, note, records

# -- the queue


def test_the_queue_when_a_dry_run_found_records_in_doubt_tells_each_with_its_reason() -> None:
    conductor = doubtful(OPEN, note("a", account="acme", author="Zoe"), note("b", Decimal(1)))
    conductor.dry_run()
    first, second = queue(conductor.world).records
    assert (first.key, first.reason, first.candidates) == ("a", "0 authors have the name", ())
    assert (second.key, second.field, second.candidates) == ("d", "author", ("a1", "a2"))
    assert not first.excluded


def test_the_queue_when_a_record_is_gone_or_mended_since_no_longer_has_it() -> None:
    conductor = doubtful(*({**OPEN, "note_id": name} for name in "efgh"))
    conductor.dry_run()
    records(conductor).delete(key("e"), None)
    conductor.load(Side.SOURCE, note("f"), {"note_id": "g", "body": "new"})
    assert waiting(conductor) == ["h"]


def test_the_queue_when_a_newer_run_of_named_keys_found_more_has_that_as_well() -> None:
    conductor = doubtful()
    conductor.dry_run()
    conductor.load(Side.SOURCE, {**OPEN, "note_id": "e"}, {**OPEN, "note_id": "f"})
    conductor.dry_run(keys=["e"])
    found = queue(conductor.world)
    assert [each.key for each in found.records] == ["d", "e"]
    assert found.since is not None
    assert found.since.params["keys"] is None


def test_the_queue_when_a_whole_run_came_later_asks_no_older_one() -> None:
    conductor = doubtful()
    conductor.dry_run()
    conductor.load(Side.SOURCE, note("d"))
    conductor.dry_run()
    conductor.load(Side.SOURCE, OPEN)  # in doubt again, and no run has seen it so
    assert waiting(conductor) == []


def test_the_queue_when_no_run_went_through_everything_says_so() -> None:
    conductor = doubtful()
    assert queue(conductor.world).since is None
    conductor.dry_run(keys=["d"])
    found = queue(conductor.world)
    assert ([each.key for each in found.records], found.since) == (["d"], None)


def test_the_queue_when_a_record_is_excluded_marks_it() -> None:
    conductor = doubtful(OPEN, {**OPEN, "note_id": "e"})
    conductor.dry_run()
    conductor.migrate(approve="auto", exclude=["d"], until="OFF")
    assert [(each.key, each.excluded) for each in queue(conductor.world).records] == [
        ("d", True),
        ("e", False),
    ]


def test_a_record_that_is_created_in_doubt_stays_old_and_is_in_the_queue_after_a_pass() -> None:
    conductor = doubtful(note("x"), phase=Phase.VALIDATE)
    records(conductor).create(
        {"note_id": "z", "body": "hm", "account": "acme", "author": "Ann"}, key("z")
    )
    assert "text" in stored(conductor, "z")
    conductor.validate()
    assert waiting(conductor) == ["z"]


# -- one record


def test_a_record_when_shown_has_each_candidate_with_what_it_would_become() -> None:
    shown = show(doubtful().world, key("d"))
    assert shown.in_doubt
    assert shown.stored == OPEN
    first, second = shown.options
    assert first.candidate.name == "a1"
    assert first.becomes == {
        "note_id": "d", "body": "three", "words": 1, "account": "acme", "author_id": "a1"
    }  # fmt: skip
    assert second.becomes != first.becomes


def test_a_record_when_nothing_is_in_doubt_is_shown_all_the_same() -> None:
    conductor = doubtful({"note_id": "d", "body": "new"})
    for name in "cd":
        shown = show(conductor.world, key(name))
        assert (shown.in_doubt, shown.options) == (False, ())


def test_a_fingerprint_when_anything_changes_is_another() -> None:
    conductor = doubtful()
    seen = {show(conductor.world, key("d")).fingerprint}
    for change in ({"tag": None}, {"_cutover_version": Decimal(1)}, {"_cutover_write": "w"}):
        conductor.load(Side.SOURCE, {**OPEN, **change})
        seen.add(show(conductor.world, key("d")).fingerprint)
    conductor.parts.references.items.append(author("a3", "Ann"))
    seen.add(show(conductor.world, key("d")).fingerprint)
    assert len(seen) == 5
