"""One record looked at closely, and a whole migration."""

from dataclasses import replace

import pytest

from shared.model.control import AuditEntry
from shared.model.errors import Refused
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.unit.cli.rehearsal import CALLER, Operator, operator
from tests.unit.engine.conductor import key, legacy

KEY = "EMPLOYEE#a|PROFILE"


def pair(**changes: object) -> Operator:
    op = operator(legacy("a", full_name="Ada", email="ada@example.com"), phase=Phase.VALIDATE)
    stored = op.conductor.stored(Side.TARGET, key("a"))
    assert stored is not None
    op.conductor.load(Side.TARGET, {**stored, **changes})
    return op


def sick() -> Operator:
    """Return a migration with a lost worker and a v1 that was left closed."""
    op = operator(legacy("a"), phase=Phase.DUAL_WRITE)
    begun = op.conductor.begin(RunKind.BACKFILL)
    run = op.conductor.world.ledger.load(begun.run_id)
    assert run is not None
    op.conductor.end_execution(run)
    op.conductor.world.administration.deny_writes(Side.SOURCE)
    return op


def test_diff_when_equal_expects_three_forms_and_exit_0() -> None:
    op = pair()
    told = op.json("diff", "personnel", "a")
    assert (told["key"], told["verdict"], told["different"]) == (KEY, "equal", False)
    fields = {each["field"]: each for each in told["fields"]}
    assert fields["full_name"] == {
        "field": "full_name",
        "mark": None,
        "v1": {"S": "Ada"},
        "transformed": {"S": "Ada"},
        "v2": {"S": "Ada"},
    }
    assert fields["status"]["v1"] is None
    assert op.type("diff", "personnel", KEY).exit_code == 0


def test_diff_when_a_field_differs_expects_it_marked_and_exit_1() -> None:
    op = pair(full_name="\x1b[2J[red]Eve")
    result = op.type("diff", "personnel", KEY)
    assert result.exit_code == 1
    (line,) = [each for each in result.stdout.splitlines() if each.startswith("≠")]
    assert "full_name" in line
    assert "different  EMPLOYEE#a|PROFILE" in result.stdout
    assert "[red]Eve" in result.stdout.replace("\n", "")
    assert "\x1b" not in result.output


def test_diff_when_a_field_is_null_expects_that_told_from_absent() -> None:
    op = operator(legacy("a", nickname=None))
    shown = op.type("diff", "personnel", "a").stdout
    (line,) = [each for each in shown.splitlines() if "nickname" in each]
    assert line.split() == ["nickname", "null", "null", "–"]


def test_diff_when_the_key_is_bad_or_unknown_expects_what_to_write_instead() -> None:
    op = pair()
    bad = op.json("diff", "personnel", "a|b|c", exits=2)["error"]
    assert bad["field"] == "KEY"
    assert bad["mend"]
    unknown = op.json("diff", "personnel", "nobody", exits=1)["error"]
    assert (unknown["code"], unknown["key"]) == ("not_found", "EMPLOYEE#nobody|PROFILE")


def test_diff_when_shown_expects_nothing_of_the_record_in_the_log_or_on_stderr() -> None:
    op = pair(full_name="Eve")
    result = op.type("diff", "personnel", KEY)
    assert "ada@example.com" in result.stdout
    assert "ada@example.com" not in result.stderr
    assert "ada@example.com" not in op.type("log", "personnel", "--limit", "99").output


def test_diff_when_the_record_cannot_move_expects_why() -> None:
    op = operator(legacy("a", active="perhaps"))
    told = op.json("diff", "personnel", "a", exits=1)
    assert (told["verdict"], told["unmovable"]["field"]) == ("unmovable", "active")
    assert "neither true nor false" in op.type("diff", "personnel", "a").stdout


def test_doctor_when_nothing_is_wrong_expects_exit_0_and_says_so() -> None:
    op = operator(legacy("a"), phase=Phase.READ_N)
    assert op.json("doctor", "personnel") == {
        "migration": "personnel",
        "healthy": True,
        "diagnoses": [],
    }
    assert "personnel is well" in op.type("doctor", "personnel").stdout


def test_doctor_when_only_asked_expects_evidence_and_mends_and_nothing_touched() -> None:
    op = sick()
    told = op.json("doctor", "personnel", exits=1)["diagnoses"]
    assert [each["disease"] for each in told] == ["writes_denied", "lost_worker"]
    assert all(each["mendable"] and each["evidence"] and each["mend"] for each in told)
    assert all(each["mended"] is None for each in told)
    shown = op.type("doctor", "personnel").stdout
    assert "cutover doctor personnel --mend" in shown
    assert op.conductor.world.administration.writes_denied(Side.SOURCE)
    assert op.conductor.parts.executions.started == {}


def test_doctor_when_told_to_mend_expects_it_done_logged_and_well_again() -> None:
    op = sick()
    told = op.json("doctor", "personnel", "--mend", "--reason", "paged at 3")["diagnoses"]
    assert all(each["mended"] for each in told)
    log = op.json("log", "personnel", "--limit", "99")["entries"]
    mends = {each["action"]: each for each in log if each["action"].startswith("mend ")}
    assert set(mends) == {"mend writes_denied", "mend lost_worker"}
    assert {(each["actor"], each["reason"]) for each in mends.values()} == {(CALLER, "paged at 3")}
    assert op.json("doctor", "personnel")["healthy"]


def test_doctor_when_a_person_must_mend_expects_exit_1_even_with_mend() -> None:
    op = operator(legacy("a"), phase=Phase.DUAL_WRITE)
    op.conductor.parts.store.create(Side.SOURCE)
    result = op.type("doctor", "personnel", "--mend")
    assert result.exit_code == 1
    assert "a person" in result.stdout
    assert "--mend" not in result.stdout


def test_doctor_when_a_mend_fails_expects_what_was_done_before_it_and_the_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    op = sick()

    def refuse(*given: object) -> None:
        raise Refused("AccessDenied")

    monkeypatch.setattr(op.conductor.parts.executions, "start", refuse)
    result = op.type("doctor", "personnel", "--mend")
    assert result.exit_code == 1
    assert "is open for writes" in " ".join(result.stdout.split())
    assert "AccessDenied" in result.stderr


def test_doctor_when_words_hold_control_characters_expects_them_spelled_out() -> None:
    op = operator(legacy("a"), phase=Phase.DUAL_WRITE)
    state = op.conductor.state
    changed = replace(state, working="\x1b[31mred", revision=state.revision + 1)
    entry = AuditEntry("personnel", op.conductor.parts.clock.wall(), 0, "tamper", "eve", "a test")
    op.conductor.world.control.write(changed, state.revision, entry)
    shown = op.type("doctor", "personnel")
    assert "\\x1b[31mred" in shown.stdout
    assert "\x1b" not in shown.output
