"""The review queue in place: what waits for a person, what he is shown, and his word on it."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.engine.resolution import Answer, Resolved, resolve
from shared.engine.review import queue, show
from shared.memory.executions import MemoryExecutions
from shared.model.errors import (
    GuardRefused,
    InvalidInput,
    LeaseLost,
    NotFound,
    OutcomeUnknown,
    Outdated,
    Refused,
    Throttled,
)
from shared.model.item import Item
from shared.model.phases import IN_PLACE, Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor
from tests.unit.engine.in_place.toy import MIGRATION, author, key, note, records, stage
from tests.unit.engine.watched import Lose, Meanwhile

ANNS = (author("a1", "Ann"), author("a2", "Ann"), author("b1", "Bob"))
OPEN = note("d", "three", account="acme", author="Ann")
FIRST = Answer(candidate="a1")


def doubtful(*items: Item, phase: Phase = Phase.OFF, percent: int = 100) -> Conductor:
    """Return a migration in a phase with records in doubt that came past the wrapper."""
    conductor = stage(note("c"), phase=phase, percent=percent, authors=ANNS)
    conductor.load(Side.SOURCE, *(items or (OPEN,)))
    return conductor


def decide(conductor: Conductor, answer: Answer, name: str = "d", **given: Any) -> Resolved:
    """Decide about a record as a person does who has just looked at it."""
    seen = given.pop("seen", None) or show(conductor.world, key(name)).fingerprint
    given = {"actor": "Ada", "reason": "she wrote it", **given}
    return resolve(conductor.world, key(name), answer, seen=seen, **given)


def stored(conductor: Conductor, name: str = "d") -> Item:
    return conductor.stored(Side.SOURCE, key(name)) or {}


def audited(conductor: Conductor) -> list[tuple[str, str, str, str]]:
    entries = conductor.world.ledger.audit("notes", 50)
    return [(each.action, each.actor, each.reason, each.detail) for each in entries]


def waiting(conductor: Conductor) -> list[str]:
    return [each.key for each in queue(conductor.world).records]


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


# -- decisions


@pytest.mark.parametrize("phase", IN_PLACE)
def test_a_choice_when_made_in_any_phase_is_written_as_a_visible_change_of_the_old_record(
    phase: Phase,
) -> None:
    conductor = doubtful(phase=phase)
    done = decide(conductor, FIRST)
    item = stored(conductor)
    assert (done.version, done.decision) == (1, "candidate a1")
    assert {n: v for n, v in item.items() if n != "_cutover_write"} == {
        **OPEN, "author": "#a1", "_cutover_version": 1
    }  # fmt: skip
    assert not show(conductor.world, key("d")).in_doubt
    seen = records(conductor).get(key("d"))
    assert (seen.version, seen.item["author_id"]) == (1, "a1")


def test_a_value_when_given_is_laid_over_the_record_and_no_value_is_logged() -> None:
    conductor = doubtful()
    done = decide(conductor, Answer(value={"author": "Bob", "note": "secret"}))
    assert (stored(conductor)["author"], stored(conductor)["note"]) == ("Bob", "secret")
    assert audited(conductor)[0] == ("decide", "Ada", "she wrote it", "d: set author, note")
    assert done.decision == "set author, note"
    assert not any(
        "Bob" in each or "secret" in each for entry in audited(conductor) for each in entry
    )


@pytest.mark.parametrize("phase", [Phase.WRITE_NEW, Phase.VALIDATE])
def test_a_decision_when_a_backfill_may_run_is_followed_by_one_for_that_record(
    phase: Phase,
) -> None:
    conductor = doubtful(phase=phase)
    done = decide(conductor, FIRST)
    given = conductor.parts.executions.started[done.execution or ""]
    assert given == (RunKind.BACKFILL, {"migration": "notes", "keys": ["d"]})
    conductor.names.append(f"arn:x:{done.execution}")
    run = conductor.backfill(keys=["d"])
    assert run.counts.written == 1
    assert stored(conductor)["author_id"] == "a1"
    assert run.facts["requester"] == "Ada"
    assert waiting(conductor) == []


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.READ_BOTH, Phase.DONE])
def test_a_decision_when_no_backfill_may_run_says_that_the_next_run_takes_it(
    phase: Phase,
) -> None:
    conductor = doubtful(phase=phase)
    done = decide(conductor, FIRST)
    assert done.execution is None
    assert done.then.startswith("it migrates with the next run: ")
    assert conductor.parts.executions.started == {}


def test_a_decision_when_the_key_is_not_in_the_share_yet_starts_nothing() -> None:
    conductor = doubtful(phase=Phase.WRITE_NEW, percent=1)
    done = decide(conductor, FIRST)
    assert (done.execution, "1 %" in done.then) == (None, True)


def test_a_decision_when_a_run_is_under_way_starts_nothing_and_names_it() -> None:
    conductor = doubtful(phase=Phase.WRITE_NEW)
    begun = conductor.begin(RunKind.BACKFILL)
    assert begun.run_id in decide(conductor, FIRST).then
    conductor = doubtful(phase=Phase.WRITE_NEW)
    journey = conductor.begin_journey(RunKind.MIGRATE)
    assert journey.run_id in decide(conductor, FIRST).then
    assert conductor.parts.executions.started == {}


def test_a_decision_when_the_backfill_cannot_be_started_stands_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*given: object) -> None:
        raise Refused("AccessDenied")

    monkeypatch.setattr(MemoryExecutions, "start", refuse)
    conductor = doubtful(phase=Phase.WRITE_NEW)
    assert "AccessDenied" in decide(conductor, FIRST).then
    assert stored(conductor)["author"] == "#a1"


# -- what is refused


@pytest.mark.parametrize(
    ("answer", "field", "told"),
    [
        (Answer(), "value", "candidate or a value"),
        (Answer("a1", {"author": "Bob"}), "value", "candidate or a value"),
        (Answer(candidate="b1"), "candidate", "no candidate 'b1'"),
        (Answer(value={}), "value", "no attributes"),
        (Answer(value={"author": "Zoe"}), "author", "0 authors have the name"),
        (Answer(value={"tag": "x"}), "author", "2 authors have the name"),
        (Answer(value={"text": Decimal(1)}), "text", "text is not text"),
        (Answer(value={"text": "keep as it is"}), "text", "left alone"),
        (Answer(value={"note_id": "e", "author": "Bob"}), "value", "part of the record's key"),
        (Answer(value={"_cutover_version": Decimal(9)}), "value", "engine's own"),
        (Answer(value={"body": "new", "author": "Bob"}), "value", "in the new shape"),
        (Answer(value={"author": "Bob", "rate": 0.5}), "rate", "float"),
        (Answer(value={"author": "Bob", "n": Decimal("NaN")}), "n", "no number"),
        (Answer(value={"author": "Bob", "blob": "x" * 410_000}), "value", "at most 409600"),
    ],
)
def test_an_answer_that_is_wrong_is_refused_by_its_field_and_writes_nothing(
    answer: Answer, field: str, told: str
) -> None:
    conductor = doubtful(phase=Phase.WRITE_NEW)
    with pytest.raises(InvalidInput) as caught:
        decide(conductor, answer)
    assert (caught.value.field, told in caught.value.message) == (field, True)
    assert stored(conductor) == OPEN
    assert "decide" not in {entry[0] for entry in audited(conductor)}


def test_a_record_that_is_unknown_is_not_found() -> None:
    conductor = doubtful()
    with pytest.raises(NotFound):
        show(conductor.world, key("nobody"))
    with pytest.raises(NotFound):
        decide(conductor, FIRST, "nobody", seen="x")


def test_a_record_that_changed_since_it_was_shown_is_refused_and_left_as_it_is() -> None:
    conductor = doubtful()
    seen = show(conductor.world, key("d")).fingerprint
    records(conductor).update(key("d"), {"tag": "x"}, (), None)
    with pytest.raises(Outdated):
        decide(conductor, FIRST, seen=seen)
    assert stored(conductor)["author"] == "Ann"


def test_two_people_who_decide_at_once_are_one_decision_and_one_refusal() -> None:
    conductor = doubtful()
    seen = show(conductor.world, key("d")).fingerprint
    decide(conductor, FIRST, seen=seen)
    with pytest.raises(Outdated):
        decide(conductor, Answer(candidate="a2"), seen=seen, actor="Bob")
    assert stored(conductor)["author"] == "#a1"


def test_a_record_that_changes_between_the_look_and_the_write_is_refused_and_that_logged() -> None:
    conductor = doubtful()
    seen = show(conductor.world, key("d")).fingerprint

    def before(name: str) -> None:
        if name == "write":
            Meanwhile(lambda: records(conductor).update(key("d"), {"tag": "x"}, (), None))(name)

    with pytest.raises(Outdated):
        decide(conductor.watched(before=before), FIRST, seen=seen)
    assert stored(conductor)["author"] == "Ann"
    assert {entry[0] for entry in audited(conductor)} >= {"decide", "decision refused"}


def test_a_record_that_is_no_longer_in_doubt_is_not_decided_again() -> None:
    conductor = doubtful()
    decide(conductor, FIRST)
    with pytest.raises(GuardRefused) as caught:
        decide(conductor, Answer(candidate="a2"))
    assert caught.value.missing == ("in_doubt",)
    assert stored(conductor)["author"] == "#a1"


def test_an_excluded_record_when_decided_outside_off_is_refused_and_in_off_is_not() -> None:
    conductor = doubtful()
    conductor.migrate(approve="auto", exclude=["d"], until="READ_BOTH")
    with pytest.raises(GuardRefused) as caught:
        decide(conductor, FIRST)
    assert caught.value.missing == ("not_excluded",)
    conductor.go_to(Phase.OFF)
    done = decide(conductor, FIRST)
    assert "excluded" in done.then
    assert stored(conductor)["author"] == "#a1"


# -- a store that does not answer


@pytest.mark.parametrize("times", [1, 2])
def test_a_decision_whose_answer_is_lost_takes_effect_once(times: int) -> None:
    conductor = doubtful()
    done = decide(conductor.watched(after=Lose(times)), FIRST)
    assert (done.version, stored(conductor)["_cutover_version"]) == (1, 1)


def test_a_decision_whose_answer_is_lost_before_somebody_else_writes_claims_nothing() -> None:
    conductor = doubtful()
    lost = Lose()

    def after(name: str) -> None:
        try:
            lost(name)
        except OutcomeUnknown:
            records(conductor).update(key("d"), {"tag": "x"}, (), None)
            raise

    with pytest.raises(OutcomeUnknown):
        decide(conductor.watched(after=after), FIRST)
    assert (stored(conductor)["author"], stored(conductor)["tag"]) == ("#a1", "x")


def always(error: Exception, name: str) -> Callable[[str], None]:
    def beside(called: str) -> None:
        if called == name:
            raise error

    return beside


def test_a_decision_when_the_table_stays_busy_ends_in_time_with_nothing_written() -> None:
    conductor = doubtful()
    with pytest.raises(LeaseLost):
        decide(conductor.watched(before=always(Throttled("slow"), "write")), FIRST)
    assert stored(conductor) == OPEN
    assert "decision refused" in {entry[0] for entry in audited(conductor)}


def test_a_decision_when_the_phase_is_unknown_is_not_written() -> None:
    conductor = doubtful()
    seen = show(conductor.world, key("d")).fingerprint
    with pytest.raises(LeaseLost):
        decide(
            conductor.watched(before=always(Throttled("slow"), "read"), port="control"),
            FIRST,
            seen=seen,
        )
    assert stored(conductor) == OPEN


def test_a_decision_when_writers_are_beside_the_wrapper_heeds_each_attribute() -> None:
    conductor = stage(OPEN, authors=ANNS, migration=replace(MIGRATION, writers="any"))
    seen = show(conductor.world, key("d")).fingerprint

    def before(name: str) -> None:
        if name == "write":
            conductor.load(Side.SOURCE, {**OPEN, "text": "rogue"})

    with pytest.raises(Outdated):
        decide(conductor.watched(before=before), FIRST, seen=seen)
    assert stored(conductor) == {**OPEN, "text": "rogue"}
