"""Records in doubt, as an operator lists, sees and decides them."""

from typing import Any

import pytest

from cli.commands import reviewing
from cli.json_values import read_attributes
from shared import catalogue
from shared.model.declaration import Migration
from shared.model.errors import InvalidInput
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.in_place.toy import MIGRATION
from tests.unit.cli.rehearsal import CALLER, Operator, PlayedWorkflows, operator
from tests.unit.engine.conductor import legacy
from tests.unit.engine.in_place.stage import author, key, note, records, stage

ANNS = (author("a1", "Ann"), author("a2", "Ann"), author("b1", "Bob"))
OPEN = note("d", "three", account="acme", author="Ann")
WHY = ("--reason", "she wrote it")


@pytest.fixture(autouse=True)
def _notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalogue have the small migration as well."""
    load = catalogue.load

    def loaded(name: str) -> Migration:
        return MIGRATION if name == "notes" else load(name)

    monkeypatch.setattr(catalogue, "load", loaded)


def doubtful(*items: Item, phase: Phase = Phase.OFF, looked: bool = True) -> Operator:
    """Return an operator of a migration in place with records in doubt."""
    conductor = stage(note("c"), phase=phase, authors=ANNS)
    conductor.load(Side.SOURCE, *(items or (OPEN,)))
    if looked:
        conductor.dry_run()
    return Operator(conductor, PlayedWorkflows(conductor))


def answered(op: Operator, *words: str, exits: int = 0) -> Any:
    """Return what a decision about the record says, made on what is there now."""
    shown = op.json("review", "notes", "d", exits=1)["fingerprint"]
    return op.json("review", "notes", "d", *words, "--shown", shown, *WHY, exits=exits)


def sitting_there(monkeypatch: pytest.MonkeyPatch, *answers: object) -> None:
    """Put somebody before a terminal who gives these answers."""
    told = iter(answers)
    monkeypatch.setattr(reviewing, "interactive", lambda: True)

    def ask(question: str, *given: object, **named: object) -> object:
        return next(told)

    for name in ("prompt", "confirm"):
        monkeypatch.setattr(reviewing.typer, name, ask)


# -- the list


def test_the_list_when_records_are_in_doubt_expects_reasons_counts_and_exit_1() -> None:
    others = [note(n, account="acme", author="Ann") for n in "ef"]
    op = doubtful(OPEN, *others, note("z", account="acme", author="Zoe"))
    told = op.json("review", "notes", exits=1)
    assert (told["in_doubt"], told["excluded"]) == (4, 0)
    assert told["reasons"][0] == {
        "field": "author", "reason": "2 authors have the name", "records": 3
    }  # fmt: skip
    assert told["records"][0] == {
        "key": "d",
        "reason": "2 authors have the name",
        "field": "author",
        "candidates": ["a1", "a2"],
        "excluded": False,
    }
    shown = op.type("review", "notes", "--limit", "1")
    assert shown.exit_code == 1
    assert "4 records of notes in doubt" in shown.stdout
    assert "and 3 more" in shown.stdout


def test_the_list_when_nothing_is_in_doubt_expects_exit_0() -> None:
    op = doubtful(note("d"))
    assert op.json("review", "notes")["records"] == []
    assert "no record is in doubt" in op.type("review", "notes").stdout


def test_the_list_when_nobody_looked_yet_expects_how_to_find_out() -> None:
    told = doubtful(looked=False).json("review", "notes", exits=1)["error"]
    assert (told["code"], "dry-run" in told["mend"]) == ("not_found", True)
    op = doubtful(looked=False)
    op.conductor.dry_run(keys=["d"])
    assert "there may be more" in op.type("review", "notes").stdout


def test_the_list_when_all_are_excluded_expects_them_marked_and_exit_0() -> None:
    op = doubtful()
    op.conductor.migrate(approve="auto", exclude=["d"], until="OFF")
    assert op.json("review", "notes")["records"][0]["excluded"]
    assert "excluded" in op.type("review", "notes").stdout


# -- one record


def test_a_record_when_looked_at_expects_it_beside_what_it_would_become() -> None:
    op = doubtful()
    told = op.json("review", "notes", "d", exits=1)
    assert told["stored"]["author"] == {"S": "Ann"}
    first, second = told["candidates"]
    assert (first["name"], first["assign"]) == ("a1", {"author": {"S": "#a1"}})
    assert first["becomes"]["author_id"] == {"S": "a1"}
    assert second["becomes"]["author_id"] == {"S": "a2"}
    shown = op.type("review", "notes", "d")
    (line,) = [each for each in shown.stdout.splitlines() if each.startswith("≠  author_id")]
    assert line.split() == ["≠", "author_id", "–", '"a1"', '"a2"']
    assert f"--shown {told['fingerprint']}" in shown.stdout


def test_a_record_when_many_may_be_meant_expects_each_of_them() -> None:
    op = doubtful()
    op.conductor.parts.references.items.extend(author(f"x{n}", "Ann") for n in range(5))
    shown = op.type("review", "notes", "d").stdout
    assert all(f'"{each}"' in shown for each in ("a1", "a2", "x0", "x4"))


def test_a_candidate_when_the_record_does_not_fit_with_it_expects_why() -> None:
    large = "x" * 409_490
    op = doubtful(note("d", large, account="acme", author="Ann"))
    told = op.json("review", "notes", "d", exits=1)["candidates"][0]
    assert (told["becomes"], told["unmovable"]["kind"]) == (None, "too_large")
    assert "too_large" in op.type("review", "notes", "d").stdout


def test_a_record_when_nobody_may_be_meant_expects_to_be_told_to_set_a_value() -> None:
    shown = doubtful(note("d", author="Ann")).type("review", "notes", "d").stdout
    assert "--set" in shown
    assert "--choose" not in shown


def test_a_record_when_nothing_is_in_doubt_expects_it_said_and_exit_0() -> None:
    op = doubtful()
    assert op.json("review", "notes", "c")["in_doubt"] is False
    assert "nothing to decide" in op.type("review", "notes", "c").stdout


def test_a_record_when_it_holds_control_characters_expects_them_spelled_out() -> None:
    op = doubtful(note("d", "\x1b[2J[red]", account="acme", author="Ann"))
    shown = op.type("review", "notes", "d")
    assert "\x1b" not in shown.output
    assert "[red]" in shown.stdout


@pytest.mark.parametrize(("name", "exits", "code"), [("nobody", 1, "not_found"), ("", 2, "KEY")])
def test_a_key_that_is_unknown_or_none_expects_to_be_told(name: str, exits: int, code: str) -> None:
    error = doubtful().json("review", "notes", name, exits=exits)["error"]
    assert code in (error["code"], error["field"])


# -- a decision


def test_a_choice_when_made_expects_it_written_logged_and_carried_on() -> None:
    op = doubtful(phase=Phase.WRITE_NEW)
    told = answered(op, "--choose", "a1")
    assert (told["decision"], told["version"]) == ("candidate a1", 1)
    assert told["execution"] in op.conductor.parts.executions.started
    entries = op.json("log", "notes")["entries"]
    (entry,) = [each for each in entries if each["action"] == "decide"]
    assert (entry["actor"], entry["reason"]) == (CALLER, "she wrote it")
    assert entry["detail"] == "d: candidate a1"
    assert op.json("review", "notes", "d")["in_doubt"] is False


def test_a_value_when_set_expects_its_numbers_as_written_and_no_value_in_the_log() -> None:
    op = doubtful()
    answered(op, "--set", '{"author": "Bob", "rate": 0.1, "big": 12345678901234567890}')
    stored = op.conductor.stored(Side.SOURCE, key("d")) or {}
    assert (str(stored["rate"]), stored["big"]) == ("0.1", 12345678901234567890)
    assert "Bob" not in op.type("log", "notes").stdout


def test_a_decision_when_shown_in_words_expects_what_becomes_of_the_record() -> None:
    op = doubtful(phase=Phase.WRITE_NEW)
    seen = op.json("review", "notes", "d", exits=1)["fingerprint"]
    result = op.type("review", "notes", "d", "--choose", "a2", "--shown", seen, *WHY)
    assert result.exit_code == 0
    assert "a backfill is started for it" in result.stdout
    assert "cutover status notes --watch" in result.stdout


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--choose", "nobody"), "--choose"),
        (("--choose", "a1", "--set", "{}"), "--set"),
        (("--set", "{"), "--set"),
        (("--set", "[]"), "--set"),
        (("--set", '{"a": NaN}'), "--set"),
        (("--set", '{"a": 1, "a": 2}'), "--set"),
        (("--set", '{"a": "\\ud800"}'), "--set"),
        (("--set", "{}"), "--set"),
        (("--set", '{"note_id": "e"}'), "--set"),
        (("--set", '{"author": "Zoe"}'), "author"),
        (("--set", '{"author": "Bob", "n": 1e200}'), "n"),
    ],
)
def test_an_answer_that_is_wrong_expects_exit_2_and_nothing_written(
    words: tuple[str, ...], field: str
) -> None:
    op = doubtful()
    assert answered(op, *words, exits=2)["error"]["field"] == field
    assert op.conductor.stored(Side.SOURCE, key("d")) == OPEN


def test_a_value_when_nested_without_end_expects_a_refusal() -> None:
    with pytest.raises(InvalidInput):
        read_attributes('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "--set")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("d", "--choose", "a1", *WHY), "--shown"),
        (("d", "--choose", "a1", "--shown", "x"), "--reason"),
        (("d", "--shown", "x"), "--shown"),
        (("--choose", "a1", "--shown", "x"), "--shown"),
        (("--choose", "a1"), "KEY"),
    ],
)
def test_a_script_that_leaves_something_out_expects_exit_2(
    words: tuple[str, ...], field: str
) -> None:
    assert doubtful().json("review", "notes", *words, exits=2)["error"]["field"] == field


def test_a_record_that_changed_since_expects_exit_3_and_it_shown_again() -> None:
    op = doubtful()
    seen = op.json("review", "notes", "d", exits=1)["fingerprint"]
    records(op.conductor).update(key("d"), {"tag": "changed"}, (), None)
    words = ("review", "notes", "d", "--choose", "a1", "--shown", seen, *WHY)
    result = op.type(*words)
    assert result.exit_code == 3
    assert '"changed"' in result.stdout
    assert "refused" in result.stderr
    assert op.json(*words, exits=3)["error"]["code"] == "outdated"


def test_two_operators_at_once_expect_one_decision_and_one_refusal() -> None:
    op = doubtful()
    seen = op.json("review", "notes", "d", exits=1)["fingerprint"]
    words = ("review", "notes", "d", "--shown", seen, *WHY)
    assert op.type(*words, "--choose", "a1").exit_code == 0
    assert op.type(*words, "--choose", "a2").exit_code == 3


def test_a_record_that_is_decided_or_excluded_expects_exit_3() -> None:
    op = doubtful()
    seen = op.json("review", "notes", "c")["fingerprint"]
    words = ("review", "notes", "c", "--set", '{"tag": 1}', "--shown", seen, *WHY)
    assert op.json(*words, exits=3)["error"]["missing"] == ["in_doubt"]
    op.conductor.migrate(approve="auto", exclude=["d"], until="READ_BOTH")
    op.conductor.settle()
    seen = op.json("review", "notes", "d")["fingerprint"]
    words = ("review", "notes", "d", "--choose", "a1", "--shown", seen, *WHY)
    assert op.json(*words, exits=3)["error"]["missing"] == ["not_excluded"]


def test_a_decision_when_other_code_is_deployed_expects_exit_3() -> None:
    op = doubtful()
    op.code = {"start_journey": "another"}
    assert answered(op, "--choose", "a1", exits=3)["error"]["missing"] == ["deployed"]


def test_a_record_of_two_tables_when_decided_in_off_expects_v1_changed() -> None:
    op = operator(legacy("a", active="perhaps"))
    op.conductor.dry_run()
    assert op.json("review", "personnel", exits=1)["in_doubt"] == 1
    seen = op.json("review", "personnel", "a", exits=1)["fingerprint"]
    told = op.json("review", "personnel", "a", "--set", '{"active": true}', "--shown", seen, *WHY)
    assert told["execution"] is None
    assert op.json("review", "personnel")["in_doubt"] == 0


# -- in a terminal


def test_a_person_who_looks_expects_to_be_asked_for_a_choice_and_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    op = doubtful()
    sitting_there(monkeypatch, "a2", "she said so")
    result = op.type("review", "notes", "d")
    assert result.exit_code == 0
    assert (op.conductor.stored(Side.SOURCE, key("d")) or {})["author"] == "#a2"
    assert "she said so" in op.type("log", "notes").stdout


def test_a_person_who_chooses_nothing_expects_exit_1_and_nothing_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    op = doubtful()
    sitting_there(monkeypatch, "")
    assert op.type("review", "notes", "d").exit_code == 1
    assert op.conductor.stored(Side.SOURCE, key("d")) == OPEN


@pytest.mark.parametrize(("sure", "exits", "author_"), [(True, 0, "Bob"), (False, 1, "Ann")])
def test_a_person_who_decides_without_a_fingerprint_expects_it_shown_and_confirmed(
    monkeypatch: pytest.MonkeyPatch, sure: bool, exits: int, author_: str
) -> None:
    op = doubtful()
    sitting_there(monkeypatch, sure)
    result = op.type("review", "notes", "d", "--set", '{"author": "Bob"}', *WHY)
    assert result.exit_code == exits
    assert "in doubt  d" in result.stdout
    assert (op.conductor.stored(Side.SOURCE, key("d")) or {})["author"] == author_
