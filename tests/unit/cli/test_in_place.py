"""Every verb of a migration in place: its words, its phases, and records that go back alone."""

from decimal import Decimal
from pathlib import Path

import pytest

from cli.report_html import html_text
from cli.views.report import trouble_in
from shared import catalogue
from shared.engine.reports import report
from shared.model.item import Item
from shared.model.phases import IN_PLACE, Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.in_place.toy import MIGRATION
from tests.unit.cli.rehearsal import Operator, PlayedWorkflows
from tests.unit.cli.rehearsal import operator as paired_operator
from tests.unit.engine.conductor import legacy
from tests.unit.engine.in_place.stage import author, key, note, records, stage


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalogue have the toy beside what is declared."""
    load, names = catalogue.load, catalogue.names()
    monkeypatch.setattr(catalogue, "names", lambda: (*names, MIGRATION.name))
    monkeypatch.setattr(
        catalogue, "load", lambda name: MIGRATION if name == MIGRATION.name else load(name)
    )


def at(phase: Phase, *items: Item, percent: int = 100) -> Operator:
    conductor = stage(*(items or (note("a"), note("b"))), phase=phase, percent=percent)
    return Operator(conductor, PlayedWorkflows(conductor))


def stored(op: Operator, name: str) -> Item:
    return op.conductor.stored(Side.SOURCE, key(name)) or {}


def words_of(op: Operator, *words: str) -> str:
    return " ".join(op.type(*words).stdout.split())


@pytest.mark.parametrize("phase", IN_PLACE)
def test_no_verb_that_looks_speaks_of_v1_v2_or_readers_in_any_phase(phase: Phase) -> None:
    op = at(phase)
    for verb in ("status", "plan", "log", "doctor"):
        told = words_of(op, verb, "notes")
        assert "v1" not in told
        assert "v2" not in told
    assert f"[{phase}]" in op.type("status", "notes").stdout


def test_status_when_in_place_expects_its_own_phases_on_one_line_and_the_share_of_writes() -> None:
    op = at(Phase.WRITE_NEW, percent=50)
    shown = op.type("status", "notes").stdout
    assert "OFF › READ_BOTH › [WRITE_NEW] › VALIDATE › DONE\n" in shown
    assert "50 % in the new shape" in shown
    assert "cutover writes notes PERCENT" in shown
    told = op.json("status", "notes")
    assert (told["phase"], told["writes_percent"]) == ("WRITE_NEW", 50)
    assert "reads_percent" not in told
    assert told["criteria"][0]["name"] == "every record is in the new shape, and sound"


@pytest.mark.parametrize(
    ("phase", "share"),
    [(Phase.OFF, 0), (Phase.READ_BOTH, 0), (Phase.VALIDATE, 100), (Phase.DONE, 100)],
)
def test_the_share_of_writes_when_there_is_no_ramp_expects_none_or_all(
    phase: Phase, share: int
) -> None:
    assert at(phase).json("status", "notes")["writes_percent"] == share


def test_writes_when_lowered_and_taken_home_expects_the_share_and_read_both() -> None:
    op = at(Phase.WRITE_NEW, percent=50)
    told = op.json("writes", "notes", "20")
    assert (told["phase"], told["writes_percent"], told["changed"]) == ("WRITE_NEW", 20, True)
    assert op.json("writes", "notes", "20")["changed"] is False
    assert op.json("writes", "notes", "0")["phase"] == "READ_BOTH"
    op.conductor.settle()
    op.json("approve", "notes", "write_new")
    assert "10 % of writes in the new shape" in words_of(op, "writes", "notes", "10")


def test_advance_when_into_the_ramp_expects_one_per_cent_of_the_writes() -> None:
    op = at(Phase.READ_BOTH)
    op.json("approve", "notes", "WRITE_NEW")
    assert op.json("advance", "notes")["writes_percent"] == 1


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.VALIDATE])
def test_writes_when_no_share_can_be_set_expects_exit_3_and_the_way(phase: Phase) -> None:
    error = at(phase).json("writes", "notes", "10", exits=3)["error"]
    assert error["missing"] == ["phase"]
    assert "WRITE_NEW" in error["mend"]


def test_the_ramp_of_the_other_kind_when_moved_expects_exit_2_and_the_right_verb() -> None:
    error = at(Phase.WRITE_NEW).json("reads", "notes", "10", exits=2)["error"]
    assert error["mend"] == "`cutover writes notes PERCENT`"
    other = paired_operator(legacy("a")).json("writes", "personnel", "10", exits=2)["error"]
    assert other["mend"] == "`cutover reads personnel PERCENT`"


def test_start_when_nothing_is_said_leads_to_done() -> None:
    op = at(Phase.OFF)
    told = op.json("start", "notes", "--approve", "auto", "--watch")
    assert (told["status"], told["phase"], told["written"]) == ("SUCCEEDED", "DONE", 2)


def test_a_phase_of_two_tables_when_named_expects_exit_2_and_the_phases_there_are() -> None:
    op = at(Phase.OFF)
    for words in (("start", "notes", "--until", "READ_V2"), ("archive", "notes")):
        error = op.json(*words, exits=2)["error"]
        assert "OFF, READ_BOTH, WRITE_NEW, VALIDATE, DONE" in error["mend"]


def test_plan_when_in_place_expects_one_table_snapshots_and_nothing_of_a_second() -> None:
    told = at(Phase.OFF).json("plan", "notes")
    lines = [each["what"] for each in told["bill"]["lines"]]
    assert "snapshots" in lines
    assert not {"dual writes", "second table", "exports", "renewals"} & set(lines)
    assert [each["phase"] for each in told["next"]] == list(IN_PLACE[1:])
    units = told["estimate"]
    assert units["index_write_units"] == 2 * units["table_write_units"] == 4, "two indexes"
    assert "the table is as it must be" in words_of(at(Phase.OFF), "plan", "notes")


# -- one record


def test_diff_when_upgraded_expects_three_forms_and_the_way_back() -> None:
    op = at(Phase.VALIDATE)
    told = op.json("diff", "notes", "a")
    assert (told["shape"], told["verdict"], told["different"]) == ("new", "upgraded", False)
    fields = {each["field"]: each for each in told["fields"]}
    assert fields["text"] == {
        "field": "text",
        "mark": "changes",
        "before": {"S": "one two"},
        "stored": None,
        "new": None,
    }
    assert fields["words"]["stored"] == fields["words"]["new"] == {"N": "2"}
    shown = op.type("diff", "notes", "a").stdout
    assert "AS IT WAS" in shown
    assert "its snapshot, to the byte" in shown


def test_diff_when_a_derived_field_is_wrong_expects_it_marked_and_exit_1() -> None:
    op = at(Phase.VALIDATE)
    op.conductor.load(Side.SOURCE, {**stored(op, "a"), "words": Decimal(9)})
    result = op.type("diff", "notes", "a")
    assert result.exit_code == 1
    (line,) = [each for each in result.stdout.splitlines() if each.startswith("≠  ")]
    assert line.split() == ["≠", "words", "–", "9", "2"]


def test_diff_when_the_record_cannot_be_upgraded_expects_why_and_exit_1() -> None:
    op = at(Phase.OFF, note("a", Decimal(7)))
    told = op.json("diff", "notes", "a", exits=1)
    assert (told["verdict"], told["unmovable"]["field"]) == ("unmovable", "text")
    assert "text is not text" in op.type("diff", "notes", "a").stdout


def test_a_report_when_a_field_differs_expects_what_is_expected_and_what_is_stored() -> None:
    op = at(Phase.VALIDATE)
    op.conductor.load(Side.SOURCE, {**stored(op, "a"), "words": Decimal(9)})
    assert op.type("validate", "notes", "--watch").exit_code == 1
    shown = op.type("report", "notes").stdout
    assert "expected 2" in shown
    assert "stored   9" in shown
    page = op.type("report", "notes", "--format", "html").stdout
    assert "<th>expected</th><th>stored</th>" in page


# -- records that go back alone


def test_rollback_when_records_are_named_expects_them_old_and_the_phase_as_it_was(
    tmp_path: Path,
) -> None:
    op = at(Phase.VALIDATE)
    file = tmp_path / "keys.txt"
    file.write_text("a\n")
    told = op.json("rollback", "notes", "--keys", str(file), "--watch")
    assert (told["status"], told["phase"]) == ("SUCCEEDED", "VALIDATE")
    assert op.workflows.inputs[0][1]["keys"] == ["a"]
    assert stored(op, "a") == note("a")
    assert "body" in stored(op, "b")


def test_rollback_when_a_run_is_named_expects_what_it_found_wrong_old_again() -> None:
    op = at(Phase.VALIDATE, note("a"), note("b"), note("c"))
    op.conductor.load(Side.SOURCE, {**stored(op, "a"), "words": Decimal(9)})
    op.conductor.load(Side.SOURCE, {**stored(op, "c"), "words": Decimal(9)})
    run_id = op.json("validate", "notes", "--watch", exits=1)["run_id"]
    records(op.conductor).delete(key("c"), None)
    op.type("rollback", "notes", "--failed", run_id)
    assert op.workflows.inputs[-1][1]["keys"] == ["a"]


def test_rollback_when_a_record_was_written_since_expects_held_and_how_to_go_on() -> None:
    op = at(Phase.VALIDATE)
    records(op.conductor).update(key("b"), {"body": "newer"}, (), None)
    result = op.type("rollback", "notes", "--to", "READ_BOTH", "--watch")
    assert result.exit_code == 1
    assert "cutover rollback notes --to OFF" in result.stdout
    assert "1 restored, 1 in conflict" in words_of(op, "status", "notes")
    assert stored(op, "b")["body"] == "newer"


def test_a_report_when_of_a_restore_or_a_dry_run_expects_its_own_words() -> None:
    op = at(Phase.VALIDATE)
    records(op.conductor).update(key("b"), {"body": "newer"}, (), None)
    op.type("rollback", "notes", "--to", "READ_BOTH", "--watch")
    runs = op.conductor.world.ledger.runs("notes", 9)
    run_id = next(each.run_id for each in runs if each.kind is RunKind.RESTORE)
    told = words_of(op, "report", "notes", run_id)
    assert "restored 1 in conflict 1" in told
    assert "written" not in told
    page = ("report", "notes", run_id, "--format", "html")
    assert '<th scope="row">in conflict</th>' in op.type(*page).stdout
    assert "1 restored, 1 in conflict" in words_of(op, "log", "notes", "--runs")
    run = op.conductor.dry_run()
    assert "can move 1" in words_of(op, "report", "notes", run.run_id)


@pytest.mark.parametrize("form", ["text", "csv", "html"])
def test_a_report_when_records_are_unused_and_missing_expects_the_missing_first(form: str) -> None:
    conductor = stage(note("z", account="acme"), authors=(author("a1", "Ann"),))
    conductor.go_to(Phase.VALIDATE)
    conductor.load(Side.SOURCE, note("z", account="acme"))
    op = Operator(conductor, PlayedWorkflows(conductor))
    op.type("validate", "notes", "--watch")
    told = op.type("report", "notes", "--format", form).stdout
    assert told.index("missing") < told.index("no record refers to it")
    if form != "csv":
        assert "1 missing, 1 unused" in told


def test_a_report_when_the_run_failed_expects_why() -> None:
    op = at(Phase.WRITE_NEW)
    run = op.conductor.backfill()
    cause = '{"errorType": "WorkerFailed", "errorMessage": "{\\"message\\": \\"a part died\\"}"}'
    document = {**report(op.conductor.world, run), "facts": {"cause": cause, "held": "wait"}}
    assert trouble_in(document) == {"error": "a part died", "held": "wait"}
    assert "Error: a part died" in html_text(document)


def test_status_when_records_are_excluded_expects_how_they_are_released() -> None:
    op = at(Phase.OFF)
    op.conductor.migrate(approve="auto", until="VALIDATE", exclude=["b"])
    assert "cutover approve notes DONE --release-excluded` releases" in words_of(
        op, "status", "notes"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "no record is named"), ("nobody\n", "no record")],
)
def test_rollback_when_no_such_record_is_named_expects_exit_2_and_nothing_started(
    tmp_path: Path, text: str, words: str
) -> None:
    op = at(Phase.VALIDATE)
    file = tmp_path / "keys.txt"
    file.write_text(text)
    error = op.json("rollback", "notes", "--keys", str(file), exits=2)["error"]
    assert words in error["message"]
    assert op.workflows.inputs == []


def test_rollback_when_the_run_found_nothing_or_is_unknown_expects_exit_2() -> None:
    op = at(Phase.VALIDATE)
    run_id = op.json("validate", "notes", "--watch")["run_id"]
    for run in (run_id, "nothing"):
        assert op.type("rollback", "notes", "--failed", run).exit_code == 2
    assert [machine for machine, _ in op.workflows.inputs] == ["cutover-notes-validate"]


def test_records_of_two_tables_when_named_for_a_rollback_expects_exit_2_and_what_to_do(
    tmp_path: Path,
) -> None:
    op = paired_operator(legacy("a"), phase=Phase.READ_V2)
    file = tmp_path / "keys.txt"
    file.write_text("a\n")
    for words in (("--keys", str(file)), ("--failed", "x")):
        error = op.json("rollback", "personnel", *words, exits=2)["error"]
        assert (error["field"], "--exclude" in error["mend"]) == (words[0], True)


def test_status_when_records_are_in_doubt_expects_the_review_before_another_dry_run() -> None:
    op = at(Phase.OFF, note("a", author="Ann", account="acme"))
    op.json("start", "notes", "dry-run", "--watch", exits=1)
    shown = words_of(op, "status", "notes")
    assert "the last one is HELD: 1 record in doubt" in shown
    assert shown.index("cutover review notes") < shown.index("cutover start notes dry-run --watch")


def test_a_rollback_when_records_were_written_since_expects_restored_and_in_conflict() -> None:
    op = at(Phase.VALIDATE)
    records(op.conductor).update(key("a"), {"body": "newer words"}, (), None)
    ended = op.type("rollback", "notes", "--to", "READ_BOTH", "--watch")
    assert ended.exit_code == 1
    newest = words_of(op, "log", "notes", "--runs", "--limit", "2")
    for shown in (" ".join(ended.stdout.split()), words_of(op, "report", "notes"), newest):
        assert "restored" in shown
        assert "in conflict" in shown
        assert "1 written" not in shown
        assert "mismatched" not in shown
    rollback = next(
        run for run in op.conductor.world.ledger.runs("notes", 9) if run.kind is RunKind.ROLLBACK
    )
    page = html_text(report(op.conductor.world, rollback))
    assert '<th scope="row">restored</th>' in page
    assert '<th scope="row">in conflict</th>' in page


def test_a_rollback_to_read_both_when_there_expects_a_restore_while_conflicts_are_left() -> None:
    op = at(Phase.VALIDATE)
    records(op.conductor).update(key("a"), {"body": "newer words"}, (), None)
    words = ("rollback", "notes", "--to", "READ_BOTH", "--watch")
    assert op.json(*words, exits=1)["status"] == "HELD"
    assert op.json(*words, exits=1)["status"] == "HELD"  # the conflict is there still
    records(op.conductor).delete(key("a"), None)
    assert op.json(*words)["status"] == "SUCCEEDED"


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.WRITE_NEW, Phase.DONE])
def test_a_rollback_to_where_it_is_when_nothing_is_restored_there_expects_exit_3(
    phase: Phase,
) -> None:
    op = at(phase)
    told = op.json("rollback", "notes", "--to", phase.value, exits=3)
    assert f"notes is in {phase} already" in told["error"]["message"]
