"""Decisions about records in doubt: written once, under what was shown, logged, carried on."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.engine.resolution import Answer
from shared.engine.review import show
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
from shared.model.phases import IN_PLACE, Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.in_place.toy import MIGRATION
from tests.unit.engine.in_place.doubtful import (
    ANNS,
    FIRST,
    OPEN,
    audited,
    decide,
    doubtful,
    stored,
    waiting,
)
from tests.unit.engine.in_place.stage import key, note, records, stage
from tests.unit.engine.watched import Lose, Meanwhile

OWNED = replace(MIGRATION, owned_by=frozenset({"account"}))


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


@pytest.mark.parametrize("value", ["globex", None])
def test_a_value_that_would_make_a_record_somebody_elses_is_refused_and_nothing_is_written(
    value: str | None,
) -> None:
    conductor = doubtful(migration=OWNED)
    before = stored(conductor)
    with pytest.raises(InvalidInput) as caught:
        decide(conductor, Answer(value={"author": "Bob", "account": value}))
    assert "account says whose the record is" in caught.value.message
    assert stored(conductor) == before
    decide(conductor, Answer(value={"author": "Bob", "account": "acme"}))
    assert stored(conductor)["author"] == "Bob"


def test_a_value_may_say_whose_a_record_is_that_does_not_say_it() -> None:
    conductor = doubtful(note("d", author="Ann"), migration=OWNED)
    decide(conductor, Answer(value={"author": "#a1", "account": "acme"}))
    assert stored(conductor)["account"] == "acme"


@pytest.mark.parametrize("phase", [Phase.WRITE_NEW, Phase.VALIDATE])
def test_a_decision_when_a_backfill_may_run_is_followed_by_one_for_that_record(
    phase: Phase,
) -> None:
    conductor = doubtful(phase=phase)
    done = decide(conductor, FIRST)
    given = conductor.parts.executions.started[done.execution or ""]
    assert given == (RunKind.BACKFILL, {"migration": "notes", "keys": ["d"]})
    conductor.names.append(f"arn:x:cutover-notes-backfill:{done.execution}")
    run = conductor.backfill(keys=["d"])
    assert run.counts.written == 1
    assert stored(conductor)["author_id"] == "a1"
    assert run.facts["requester"] == "Ada"
    assert waiting(conductor) == []


def test_a_journey_that_is_given_the_name_of_a_decisions_backfill_has_no_asker_by_that() -> None:
    conductor = doubtful(phase=Phase.WRITE_NEW)
    done = decide(conductor, FIRST)
    conductor.names.append(f"arn:x:cutover-notes-migrate:{done.execution}")
    assert conductor.begin_journey(RunKind.MIGRATE).facts["requester"] is None


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.READ_BOTH, Phase.DONE])
def test_a_decision_when_no_backfill_may_run_says_that_the_next_run_takes_it(
    phase: Phase,
) -> None:
    conductor = doubtful(phase=phase)
    done = decide(conductor, FIRST)
    assert done.execution is None
    assert done.then.startswith("it migrates with the next run: ")
    assert conductor.parts.executions.started == {}


def test_a_decision_when_all_is_done_is_carried_out_by_a_validation_that_repairs() -> None:
    conductor = doubtful(phase=Phase.DONE)
    assert conductor.validate(repair=True).counts.repaired == 0
    decide(conductor, FIRST)
    assert conductor.validate(repair=True).counts.repaired == 1
    assert stored(conductor)["author_id"] == "a1"


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
