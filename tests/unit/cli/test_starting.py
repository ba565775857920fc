"""The verbs that start a workflow, and what they exit with."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from cli.key_lists import LONGEST_INLINE
from cli.views.launched import outcome_view
from cli.views.layout import short
from migrations.personnel.sample import generate
from shared.engine.cutover import reopen
from shared.model.environment import LOCAL
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from shared.ports import STREAM
from tests.unit.cli.rehearsal import CALLER, operator
from tests.unit.engine.conductor import key, legacy


def test_start_when_nothing_is_chosen_expects_the_migrate_machine_and_its_run() -> None:
    op = operator(*generate(1, 5))
    told = op.json("start", "personnel", "--reason", "it is time")
    assert op.workflows.inputs == [("cutover-personnel-migrate", {"migration": "personnel"})]
    run = op.conductor.world.ledger.load(told["run_id"])
    assert run is not None
    assert (run.kind, run.execution) == ("migrate", told["execution"])
    asked = [each for each in op.json("log", "personnel")["entries"] if "ask" in each["action"]]
    assert (asked[0]["actor"], asked[0]["reason"]) == (CALLER, "it is time")
    assert asked[0]["detail"] == told["execution"]


def test_start_when_every_option_is_given_expects_them_in_the_input() -> None:
    op = operator(legacy("a"), legacy("b"))
    op.json(
        *("start", "personnel", "--until", "read_n", "--approve", "auto", "--ramp", "5,100"),
        *("--exclude", "EMPLOYEE#a"),
    )
    assert op.workflows.inputs[0][1] == {
        "migration": "personnel",
        "until": "READ_N",
        "approve": "auto",
        "ramp": [5, 100],
        "exclude": ["EMPLOYEE#a|PROFILE"],
    }


def test_a_dry_run_when_started_expects_the_backfill_machine_told_so() -> None:
    op = operator(legacy("a"))
    result = op.json("start", "personnel", "dry-run", "--keys", "a", "--batch-size", "7", "--watch")
    assert (result["status"], result["scanned"]) == ("SUCCEEDED", 1)
    machine, given = op.workflows.inputs[0]
    assert machine == "cutover-personnel-backfill"
    assert given["dry_run"] is True
    assert (given["keys"], given["batch_size"]) == (["EMPLOYEE#a|PROFILE"], 7)


def test_start_when_watched_to_its_end_expects_the_summary_on_stdout_alone() -> None:
    op = operator(*generate(1, 10))
    told = op.json("start", "personnel", "--until", "VALIDATE", "--watch")
    assert (told["status"], told["phase"], told["scanned"]) == ("SUCCEEDED", "VALIDATE", 10)


def test_start_when_records_cannot_move_expects_exit_1_and_where_to_look() -> None:
    op = operator(*generate(1, 10, unmovable=2))
    result = op.type("start", "personnel", "--watch")
    assert result.exit_code == 1
    dry_run = op.json("status", "personnel")["runs"][0]
    assert dry_run["kind"] == "dry_run"
    assert f"cutover report personnel {dry_run['run_id']}" in result.stdout
    assert "--exclude KEY" in result.stdout


def test_start_when_one_is_under_way_expects_exit_3_naming_the_first() -> None:
    op = operator(*generate(1, 5))
    op.workflows.stays = True
    first = op.json("start", "personnel")
    error = op.json("start", "personnel", exits=3)["error"]
    assert error["code"] == "already_running"
    assert error["run_id"] == first["run_id"]
    assert first["run_id"] in error["message"]


def test_a_backfill_when_writers_do_not_dual_write_expects_exit_3_and_the_mend() -> None:
    result = operator(legacy("a")).type("start", "personnel", "backfill")
    assert result.exit_code == 3
    assert "advance to DUAL_WRITE first" in result.stderr


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("start", "nobody"), "migration"),
        (("start", "personnel", "--until", "SOON"), "--until"),
        (("start", "personnel", "--ramp", "10,x"), "--ramp"),
        (("start", "personnel", "--ramp", "10,5"), "ramp"),
        (("start", "personnel", "--ramp", "0,5"), "ramp.0"),
        (("start", "personnel", "--batch-size", "5"), "--batch-size"),
        (("start", "personnel", "backfill", "--until", "OFF"), "--until"),
        (("start", "personnel", "--exclude", "b"), "exclude"),
        (("start", "personnel", "--exclude-file", "missing.txt"), "--exclude-file"),
        (("rollback", "personnel", "--to", "BACK"), "--to"),
        (("rollback", "personnel", "--to", "READ_V2"), "to_phase"),
    ],
)
def test_a_wrong_input_when_given_expects_exit_2_its_field_and_no_run(
    words: tuple[str, ...], field: str
) -> None:
    op = operator(legacy("a"))
    error = op.json(*words, exits=2)["error"]
    assert (error["code"], error["field"]) == ("invalid_input", field)
    assert op.conductor.world.ledger.runs("personnel", 5) == []


@pytest.mark.parametrize("words", [("start", "personnel", "nothing"), ("start",), ("nothing",)])
def test_a_wrong_word_when_typed_expects_exit_2_and_no_traceback(words: tuple[str, ...]) -> None:
    result = operator().type(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_an_adopted_table_when_consent_is_given_expects_what_it_lacks_switched_on() -> None:
    op = operator(legacy("a"), environment=replace(LOCAL, source="adopted"))
    op.conductor.parts.store.table(Side.SOURCE).off = {STREAM}
    assert "start personnel --adopt" in op.type("plan", "personnel").stdout
    result = op.type("start", "personnel", "--adopt")
    assert result.exit_code == 0
    assert "switched on for sitelogix-personnel: stream" in result.stderr
    assert op.type("plan", "personnel").exit_code == 0


def test_a_created_table_when_adopted_expects_exit_3_and_no_run() -> None:
    op = operator(legacy("a"))
    error = op.json("start", "personnel", "--adopt", exits=3)["error"]
    assert error["missing"] == ["adopted"]
    assert op.workflows.inputs == []


def test_keys_in_a_file_when_excluded_expects_each_line_and_json_alike(tmp_path: Path) -> None:
    lines, listed = tmp_path / "keys.txt", tmp_path / "keys.json"
    lines.write_text("a\n\n EMPLOYEE#b|PROFILE \n")
    listed.write_text('["a", "b"]')
    for file in (lines, listed):
        op = operator(legacy("a"), legacy("b"))
        op.json("start", "personnel", "--exclude-file", str(file))
        excluded = op.workflows.inputs[0][1]["exclude"]
        assert excluded == ["EMPLOYEE#a|PROFILE", "EMPLOYEE#b|PROFILE"]


def test_a_long_list_of_keys_when_excluded_expects_its_address_in_the_input(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(LONGEST_INLINE + 1)]
    file = tmp_path / "keys.txt"
    file.write_text("\n".join(names))
    op = operator(*(legacy(name) for name in names))
    op.json("start", "personnel", "--exclude-file", str(file))
    address = op.workflows.inputs[0][1]["exclude"]
    assert len(op.conductor.world.archive.load(address)) == len(names)


def test_a_validation_when_a_record_differs_expects_exit_1_then_0_once_repaired() -> None:
    op = operator(legacy("a", full_name="Ada"), phase=Phase.VALIDATE)
    stored = op.conductor.stored(Side.TARGET, key("a"))
    assert stored is not None
    op.conductor.load(Side.TARGET, {**stored, "full_name": "Eve"})
    held = op.json("validate", "personnel", "--watch", exits=1)
    assert (held["status"], held["mismatched"]) == ("HELD", 1)
    assert "validate personnel --repair" in op.type("validate", "personnel", "--watch").stdout
    mended = op.json("validate", "personnel", "--repair", "--watch")
    assert (mended["status"], mended["repaired"]) == ("SUCCEEDED", 1)


def test_archive_when_typed_expects_a_migrate_until_archived_that_says_so() -> None:
    op = operator(legacy("a"), phase=Phase.WRITE_V2_ONLY)
    result = op.type("archive", "personnel", "--approve", "auto", "--watch")
    assert result.exit_code == 0
    assert "cutover start personnel migrate --until ARCHIVED" in result.stderr
    assert op.conductor.phase is Phase.ARCHIVED


def test_rollback_when_watched_expects_off_and_a_superseded_migrate() -> None:
    op = operator(legacy("a"), phase=Phase.READ_V2)
    told = op.json("rollback", "personnel", "--reason", "errors", "--watch")
    assert (told["status"], told["phase"]) == ("SUCCEEDED", "OFF")
    assert op.workflows.inputs[0][1]["reason"] == "errors"


def test_a_migrate_when_a_person_moves_meanwhile_expects_superseded_and_exit_3() -> None:
    op = operator(legacy("a"), phase=Phase.VALIDATE)
    execution = op.json("start", "personnel", "--until", "READ_N")["execution"]
    moved = op.type("advance", "personnel")
    assert "a move supersedes it" in moved.stderr
    op.conductor.parts.executions.under_way.add(execution)
    told = op.json("status", "personnel", "--watch", exits=3)
    assert told["status"] == "SUPERSEDED"


def test_a_watched_migrate_when_a_rollback_overtakes_it_expects_by_what_and_where_it_is() -> None:
    op = operator(legacy("a"), phase=Phase.SHADOW_READ)
    waiting = op.conductor.begin_journey(RunKind.MIGRATE, until="READ_V2")
    back = op.json("rollback", "personnel", "--to", "DUAL_WRITE", "--watch")
    ended = op.conductor.world.ledger.load(waiting.run_id)
    assert ended is not None
    console = Console(file=StringIO(), width=100)
    console.print(outcome_view(op.conductor.world, ended.summary(), ended, None))
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # it is the buffer given above
    assert "SUPERSEDED  personnel stopped in SHADOW_READ" in shown
    assert f"rollback {short(back['run_id'])}, which user/ada asked for" in shown
    assert "now in           DUAL_WRITE" in shown
    assert "cutover status personnel" in shown


@pytest.mark.parametrize("option", ["--max-wcu", "--writes"])
@pytest.mark.parametrize("amount", ["inf", "1e12", "nan"])
def test_a_number_that_no_table_takes_when_planned_with_expects_exit_2(
    option: str, amount: str
) -> None:
    assert operator(legacy("a")).type("plan", "personnel", option, amount).exit_code == 2


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.SHADOW_READ, Phase.READ_V2])
def test_a_rollback_to_where_it_is_when_nothing_is_owed_expects_exit_3_and_no_run(
    phase: Phase,
) -> None:
    op = operator(legacy("a"), phase=phase)
    result = op.type("rollback", "personnel", "--to", phase.value)
    assert result.exit_code == 3
    assert f"personnel is in {phase} already" in result.stderr
    assert op.workflows.inputs == []


def test_a_rollback_to_where_it_is_when_its_certificate_is_void_expects_a_new_one() -> None:
    op = operator(legacy("a"), phase=Phase.READ_V2)
    reopen(op.conductor.world, actor="Ada", reason="the mapping was mended")
    told = op.json("rollback", "personnel", "--to", "READ_V2", "--watch")
    assert (told["status"], told["phase"]) == ("SUCCEEDED", "READ_V2")
    assert op.conductor.certificate_granted()


def test_a_rollback_to_where_it_is_when_a_journey_waits_there_expects_that_one_to_end() -> None:
    op = operator(legacy("a"), phase=Phase.SHADOW_READ)
    waiting = op.conductor.begin_journey(RunKind.MIGRATE, until="READ_V2")
    told = op.json("rollback", "personnel", "--to", "SHADOW_READ", "--watch")
    assert (told["status"], told["phase"]) == ("SUCCEEDED", "SHADOW_READ")
    ended = op.conductor.world.ledger.load(waiting.run_id)
    assert ended is not None
    assert ended.status is RunStatus.SUPERSEDED
