"""The verbs that only look."""

import json
from dataclasses import replace

import pytest

from cli.views.layout import short
from migrations.personnel.sample import generate
from shared import catalogue
from shared.aws.server_time import ServerClock
from shared.engine.backfill import backfill_segment
from shared.model.environment import LOCAL
from shared.model.errors import Throttled
from shared.model.item import LARGEST_CHANGE
from shared.model.phases import Phase
from shared.model.runs import RunKind
from tests.unit.cli.rehearsal import CALLER, operator
from tests.unit.engine.conductor import Conductor, key, legacy


def test_the_target_when_a_command_runs_expects_it_first_on_stderr() -> None:
    result = operator().type("list")
    assert result.stderr.splitlines()[0] == (
        "target: account 123456789012, us-east-1, http://localhost:4566"
    )
    assert "target" not in result.stdout


def test_list_when_a_migration_ran_expects_its_phase_share_certificate_and_last_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    op = operator(*generate(1, 5), phase=Phase.READ_N, percent=10)
    # the cloud in RAM holds one migration, however many are declared
    monkeypatch.setattr(catalogue, "names", lambda: (op.conductor.world.migration.name,))
    (found,) = op.json("list")["migrations"]
    assert (found["phase"], found["reads_percent"]) == ("READ_N", 10)
    assert found["certificate_age_seconds"] > 0
    assert found["last_run"]["kind"] == "validate"
    assert "READ_N" in op.type("list").stdout


def test_status_when_a_guard_is_missing_expects_which_and_until_when() -> None:
    op = operator(*generate(1, 5), phase=Phase.SHADOW_READ)
    op.json("approve", "personnel", "READ_N")
    op.json("reads", "personnel", "100")
    found = op.json("status", "personnel")["next"]
    assert found["phase"] == "READ_V2"
    missing = {each["guard"]: each["until"] for each in found["missing"]}
    assert set(missing) == {"settled", "soaked", "approved"}
    assert missing["settled"] > missing["soaked"] > ""
    told = op.type("status", "personnel").stdout
    assert "[READ_N]" in told
    assert "cutover approve personnel READ_V2" in told


def test_status_when_the_transform_changed_expects_it_said_outside_off_alone() -> None:
    op = operator(legacy("a"), phase=Phase.DUAL_WRITE)
    parts = op.conductor.parts
    op.conductor = Conductor(parts, parts.world(LOCAL, digest="other"))
    assert "--reopen" in op.type("status", "personnel").stdout
    assert op.json("advance", "personnel", "--to", "OFF")["phase"] == "OFF"
    assert op.conductor.state.digest not in ("", "other")
    assert "--reopen" not in op.type("status", "personnel").stdout


def test_status_when_the_other_table_follows_expects_how_many_records_lag() -> None:
    op = operator(*generate(1, 5), phase=Phase.DUAL_AF)
    assert "0 records lag" in op.type("status", "personnel").stdout
    op.conductor.parts.syncs.ask([key("A"), key("B"), key("C")])
    assert "3 records lag" in op.type("status", "personnel").stdout
    assert op.json("status", "personnel")["lagging"] == 3
    op.conductor.go_to(Phase.VALIDATE)
    assert "lag" not in op.type("status", "personnel").stdout
    assert op.json("status", "personnel")["lagging"] is None


def test_status_when_a_run_is_under_way_expects_its_progress_of_an_estimated_total() -> None:
    op = operator(*generate(1, 8), phase=Phase.DUAL_WRITE)
    op.conductor.begin(RunKind.BACKFILL)
    told = op.type("status", "personnel").stdout
    assert "0 of about 8, 0 %" in told
    assert "total by the last complete pass" in told
    run = op.json("status", "personnel")["runs"][0]
    assert run["progress"] == {
        "done": 0,
        "total": 8,
        "origin": "the last complete pass",
        "percent": 0,
        "segments": 16,
        "segments_done": 0,
        "rate_per_second": None,
        "seconds_left": None,
        "spread": None,
        "checkpoints": 0,
        "why_not": "not enough yet",
    }


def test_status_when_checkpoints_are_there_expects_a_rate_and_an_end_that_says_how_sure() -> None:
    op = operator(*generate(1, 600), phase=Phase.DUAL_WRITE)
    started = op.conductor.begin(RunKind.BACKFILL, batch_size=5, total_segments=2, max_wcu=10)
    first, _ = op.conductor.world.archive.load(started.segments_uri)
    until = op.conductor.parts.clock.monotonic() + 20
    assert not backfill_segment(op.conductor.world, **first, until=until)
    progress = op.json("status", "personnel")["runs"][0]["progress"]
    assert progress["rate_per_second"] > 0
    assert progress["seconds_left"] > 0
    told = " ".join(op.type("status", "personnel").stdout.split())
    assert "left: about" in told
    assert f"from the last {progress['checkpoints']} checkpoints)" in told
    assert "records read a second; held to 10 write units a second" in told


def test_status_when_nothing_was_ever_counted_expects_the_table_s_own_count() -> None:
    op = operator(*generate(1, 3))
    op.conductor.begin(RunKind.BACKFILL, dry_run=True)
    progress = op.json("status", "personnel")["runs"][0]["progress"]
    assert (progress["total"], progress["origin"]) == (3, "DescribeTable, up to 6 hours old")


def test_status_when_only_a_sample_was_compared_since_expects_the_full_count() -> None:
    op = operator(*generate(1, 20), phase=Phase.VALIDATE)
    op.conductor.validate(mode="sample", sample_size=1)
    op.conductor.begin(RunKind.BACKFILL)
    assert op.json("status", "personnel")["runs"][0]["progress"]["total"] == 20


def test_status_when_piped_expects_no_control_codes_in_80_columns() -> None:
    op = operator(*generate(1, 5, unmovable=2))
    op.type("start", "personnel", "--watch")
    told = op.type("status", "personnel").stdout
    assert "\x1b" not in told
    assert max(map(len, told.splitlines())) <= 80


def test_status_when_watched_expects_it_to_follow_the_journey_and_exit_by_it() -> None:
    op = operator(*generate(1, 5, unmovable=1))
    op.type("start", "personnel")
    result = op.type("status", "personnel", "--watch")
    assert result.exit_code == 1
    assert "HELD" in result.stdout
    assert "OFF, reads on v2: 0 %" in result.stderr


def test_watching_when_the_store_does_not_answer_for_a_while_expects_it_to_go_on() -> None:
    op = operator(legacy("a"))
    op.type("start", "personnel", "--until", "DUAL_WRITE")
    failures = iter([True, True])
    answer = op.workflows.outcome

    def sometimes(execution: str) -> object:
        if next(failures, False):
            raise Throttled("slow down")
        return answer(execution)

    op.workflows.outcome = sometimes  # type: ignore[method-assign,assignment]  # a flaky network
    assert op.json("status", "personnel", "--watch")["status"] == "SUCCEEDED"


def test_status_when_watched_in_a_pipe_and_nothing_runs_expects_it_to_end_with_the_status() -> None:
    result = operator(legacy("a")).type("status", "personnel", "--watch")
    assert result.exit_code == 0
    assert "OFF, reads on v2: 0 %; DUAL_WRITE waits for dry_run" in result.stderr
    assert "[OFF]" in result.stdout


def test_status_when_watched_and_only_a_person_is_missing_expects_what_he_types() -> None:
    result = operator(legacy("a"), phase=Phase.SHADOW_READ).type("status", "personnel", "--watch")
    assert "READ_N waits for approved: cutover approve personnel READ_N" in result.stderr


def test_status_when_watched_in_a_terminal_and_nothing_runs_expects_it_to_stay_until_ctrl_c(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    op = operator(legacy("a"))
    looks = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(op.conductor.parts.clock, "sleep", sleep)
    result = op.type("status", "personnel", "--watch")
    assert result.exit_code == 130
    assert len(looks) == 3
    assert "the watching has ended" in result.stderr
    assert "\x1b[?25h" in result.stderr  # the cursor is back
    assert "Traceback" not in result.output


def test_log_when_a_person_moved_expects_who_what_and_why() -> None:
    op = operator(*generate(1, 5), phase=Phase.VALIDATE)
    op.type("advance", "personnel", "--reason", "all is well")
    newest = op.json("log", "personnel", "--limit", "1")["entries"]
    assert [(each["action"], each["actor"], each["reason"]) for each in newest] == [
        ("move to SHADOW_READ", CALLER, "all is well")
    ]
    assert "user/ada" in op.type("log", "personnel").stdout


def test_log_when_a_reason_holds_control_characters_expects_them_spelled_out() -> None:
    op = operator(*generate(1, 5), phase=Phase.VALIDATE)
    op.type("advance", "personnel", "--reason", "\x1b[31m[bold]red")
    assert "\\x1b[31m[bold]red" in op.type("log", "personnel").stdout


def test_log_when_a_reason_has_lines_like_ours_expects_them_on_one_line() -> None:
    op = operator(*generate(1, 5), phase=Phase.VALIDATE)
    forged = "fine\n2026-11-21 10:00:00  approve READ_V2  user/bob"
    op.type("advance", "personnel", "--reason", forged)
    told = op.type("log", "personnel").stdout
    assert not any(line.strip().startswith("2026-11-21 10:00") for line in told.splitlines())
    assert "fine\\n2026-11-21" in told
    assert op.json("log", "personnel", "--limit", "1")["entries"][0]["reason"] == forged


def test_watching_when_interrupted_expects_exit_130_and_word_that_the_run_goes_on() -> None:
    op = operator(legacy("a"))
    op.type("start", "personnel")

    def interrupt(execution: str) -> object:
        raise KeyboardInterrupt

    op.workflows.outcome = interrupt  # type: ignore[method-assign,assignment]  # Ctrl-C
    result = op.type("status", "personnel", "--watch")
    assert result.exit_code == 130
    assert "whatever runs goes on" in result.stderr
    assert op.conductor.world.ledger.runs("personnel", 1)[0].active


def test_a_command_when_this_machine_s_clock_is_wrong_expects_it_told_on_stderr() -> None:
    op = operator(legacy("a"))
    clock = ServerClock(op.conductor.parts.clock)
    clock.hear(clock.wall() + 125, clock.wall(), clock.wall())
    op.conductor.world = replace(op.conductor.world, clock=clock)
    result = op.type("status", "personnel")
    assert "this machine's clock is 2 min 5 s behind AWS's" in " ".join(result.stderr.split())
    assert "clock is" not in result.stdout


def test_the_migration_log_when_runs_ended_expects_counts_times_and_who_asked() -> None:
    op = operator(*generate(1, 5), *generate(2, 3, unmovable=1))
    op.type("start", "personnel", "dry-run", "--watch", "--reason", "a look")
    (run,) = op.json("log", "personnel", "--runs")["runs"]
    assert (run["kind"], run["status"], run["requester"]) == ("dry_run", "HELD", CALLER)
    assert run["processed"] == run["scanned"] > 0
    assert run["succeeded"] == run["written"] == run["processed"] - run["not_succeeded"]
    assert run["not_succeeded"] == 1
    assert run["finished_at"] >= run["started_at"]
    shown = op.type("log", "personnel", "--runs").stdout
    assert "user/ada" in shown
    assert "1 ambiguous" in shown or "1 failed" in shown
    assert f"cutover report personnel {run['run_id'][:8]}" in shown


def test_the_migration_log_when_a_journey_ran_jobs_expects_them_to_be_its_askers() -> None:
    op = operator(*generate(1, 5))
    op.type("start", "personnel", "--until", "VALIDATE", "--watch")
    runs = op.json("log", "personnel", "--runs", "--limit", "50")["runs"]
    assert {run["kind"] for run in runs} == {"migrate", "dry_run", "backfill", "validate"}
    assert {run["requester"] for run in runs} == {CALLER}
    assert len(op.json("log", "personnel", "--runs", "--limit", "1")["runs"]) == 1


def test_the_migration_log_when_a_run_failed_expects_the_error_in_its_own_words() -> None:
    op = operator(legacy("a"), phase=Phase.DUAL_WRITE)
    begun = op.conductor.begin(RunKind.BACKFILL)
    run = op.conductor.world.ledger.load(begun.run_id)
    assert run is not None
    cause = json.dumps({"errorMessage": json.dumps({"message": "segment 3: \x1b slow"})})
    op.conductor.fail(run, "WorkerFailed", cause)
    told = op.json("log", "personnel", "--runs", "--limit", "1")["runs"][0]
    assert (told["status"], told["error"]) == ("FAILED", "segment 3: \x1b slow")
    assert told["requester"] is None
    shown = op.type("log", "personnel", "--runs").stdout
    assert "error: segment 3: \\x1b slow" in shown
    assert "nobody left word" in shown


def test_the_migration_log_when_nothing_ran_expects_to_say_so() -> None:
    op = operator(legacy("a"))
    assert op.json("log", "personnel", "--runs") == {"runs": []}
    assert "nothing has run yet" in op.type("log", "personnel", "--runs").stdout


def test_status_when_the_dry_run_was_held_expects_what_to_decide_before_another_one() -> None:
    many = {f"a{number:03d}": "x" for number in range(LARGEST_CHANGE)}
    op = operator(legacy("a"), legacy("b", **many))
    held = op.json("start", "personnel", "dry-run", "--watch", exits=1)
    assert held["status"] == "HELD"
    shown = " ".join(op.type("status", "personnel").stdout.split())
    assert "the last one is HELD: 0 records in doubt, 1 record that cannot move" in shown
    assert f"cutover report personnel {short(held['run_id'])}" in shown
    assert "cutover start personnel --exclude KEY" in shown
    assert "cutover review personnel" not in shown
