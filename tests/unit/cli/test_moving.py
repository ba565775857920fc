"""The verbs that decide."""

from dataclasses import replace

import pytest

from shared.engine.alarm_answer import answer_alarm
from shared.model.alarms import AlarmEvent
from shared.model.environment import LOCAL
from shared.model.phases import Phase
from shared.model.runs import RunKind
from tests.unit.cli.rehearsal import CALLER, Operator, operator
from tests.unit.engine.conductor import legacy


def at(phase: Phase, percent: int = 100) -> Operator:
    return operator(legacy("a"), phase=phase, percent=percent)


def test_reads_when_in_shadow_read_expects_the_approved_share_in_read_n() -> None:
    op = at(Phase.SHADOW_READ)
    assert op.json("reads", "personnel", "10", exits=3)["error"]["missing"] == ["approved"]
    op.json("approve", "personnel", "read_n")
    told = op.json("reads", "personnel", "10")
    assert (told["phase"], told["reads_percent"], told["changed"]) == ("READ_N", 10, True)


def test_reads_when_lowered_expects_no_guard() -> None:
    op = at(Phase.READ_N, 50)
    assert op.json("reads", "personnel", "5")["reads_percent"] == 5


def test_reads_when_zero_expects_readers_home_in_shadow_read() -> None:
    op = at(Phase.READ_N, 50)
    told = op.json("reads", "personnel", "0")
    assert (told["phase"], told["reads_percent"]) == ("SHADOW_READ", 0)


def test_reads_when_it_is_so_already_expects_nothing_changed() -> None:
    op = at(Phase.READ_N, 50)
    epoch = op.conductor.state.epoch
    assert op.json("reads", "personnel", "50")["changed"] is False
    assert op.conductor.state.epoch == epoch


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.VALIDATE, Phase.READ_V2])
def test_reads_when_no_share_can_be_set_expects_exit_3(phase: Phase) -> None:
    assert at(phase).json("reads", "personnel", "0", exits=3)["error"]["missing"] == ["phase"]


@pytest.mark.parametrize("percent", ["101", "ten"])
def test_reads_when_no_percentage_expects_exit_2(percent: str) -> None:
    assert at(Phase.READ_N).type("reads", "personnel", percent).exit_code == 2


def test_advance_when_nothing_is_named_expects_the_next_phase() -> None:
    op = at(Phase.VALIDATE)
    assert op.json("advance", "personnel", "--reason", "go")["phase"] == "SHADOW_READ"


def test_advance_when_readers_move_first_expects_one_per_cent_of_them() -> None:
    op = at(Phase.SHADOW_READ)
    op.json("approve", "personnel", "READ_N")
    assert op.json("advance", "personnel")["reads_percent"] == 1


def test_advance_when_to_a_phase_that_is_no_neighbour_expects_exit_2_and_the_neighbours() -> None:
    error = at(Phase.VALIDATE).json("advance", "personnel", "--to", "READ_V2", exits=2)["error"]
    assert "SHADOW_READ" in error["mend"]
    assert "DUAL_WRITE" in error["mend"]


def test_advance_when_a_guard_does_not_hold_expects_exit_3_naming_it() -> None:
    error = at(Phase.OFF).json("advance", "personnel", exits=3)["error"]
    assert error["missing"] == ["dry_run"]


def test_advance_when_at_the_end_expects_exit_3() -> None:
    op = at(Phase.DECOMMISSIONED)
    assert "last phase" in op.json("advance", "personnel", exits=3)["error"]["message"]


def test_advance_when_reopened_expects_the_certificate_void_in_the_same_phase() -> None:
    op = at(Phase.VALIDATE)
    told = op.json("advance", "personnel", "--reopen")
    assert told["phase"] == "VALIDATE"
    assert op.json("status", "personnel")["certificate"] is None
    assert op.type("advance", "personnel", "--reopen", "--to", "OFF").exit_code == 2


def test_approve_when_given_expects_who_when_and_how_long_it_counts() -> None:
    op = at(Phase.READ_V2)
    told = op.json("approve", "personnel", "WRITE_V2_ONLY", "--reason", "two quiet weeks")
    assert (told["approver"], told["gate"]) == (CALLER, "WRITE_V2_ONLY")
    assert told["expires_at"] > told["at"]


def test_approve_when_the_gate_is_not_next_or_unknown_expects_exit_2() -> None:
    op = at(Phase.VALIDATE)
    assert op.json("approve", "personnel", "READ_V2", exits=2)["error"]["mend"]
    error = op.json("approve", "personnel", "LATER", exits=2)["error"]
    assert error["field"] == "GATE"
    assert "READ_V2" in error["mend"]


def test_approving_the_deletion_when_the_table_is_not_repeated_expects_exit_3() -> None:
    op = at(Phase.ARCHIVED)
    told = op.json("approve", "personnel", "DECOMMISSIONED", "--table", "other", exits=3)["error"]
    assert "--table sitelogix-personnel" in told["mend"]
    named = ("--table", "sitelogix-personnel")
    assert op.json("approve", "personnel", "DECOMMISSIONED", *named)["gate"] == "DECOMMISSIONED"


def test_releasing_the_excluded_when_approved_expects_it_in_the_status() -> None:
    op = operator(legacy("a"), legacy("b"))
    op.conductor.migrate(approve="auto", until="WRITE_V2_ONLY", exclude=["b"])
    assert "which blocks ARCHIVED" in op.type("status", "personnel").stdout
    op.json("approve", "personnel", "ARCHIVED", "--release-excluded")
    told = op.json("status", "personnel")
    assert (told["excluded"], told["exclusions_released"]) == (["EMPLOYEE#b|PROFILE"], True)


# -- what is next


def test_a_move_when_made_expects_what_the_next_one_waits_for() -> None:
    op = at(Phase.SHADOW_READ)
    op.json("approve", "personnel", "READ_N")
    result = op.type("reads", "personnel", "10")
    assert "personnel is in READ_N, 10 % of reads on v2" in result.stdout
    assert "Next READ_V2" in result.stdout
    words = " ".join(result.stdout.split())
    assert "all reads are watched on v2 first, not 10 %" in words
    assert "cutover reads personnel PERCENT" in words
    told = op.json("reads", "personnel", "5")["next"]
    assert told["phase"] == "READ_V2"
    assert {each["guard"] for each in told["missing"]} >= {"settled", "soaked", "approved"}


def test_an_approval_when_nobody_waits_for_it_expects_how_to_go_on() -> None:
    told = " ".join(at(Phase.SHADOW_READ).type("approve", "personnel", "READ_N").stdout.split())
    assert "no journey waits for it: cutover start personnel" in told
    assert "cutover advance personnel --to READ_N" in told
    assert "nothing is missing: cutover advance personnel" in told


def test_an_approval_when_a_journey_waits_for_it_expects_that_named() -> None:
    op = at(Phase.SHADOW_READ)
    journey = op.conductor.begin_journey(RunKind.MIGRATE, until="READ_N")
    told = op.json("approve", "personnel", "READ_N")
    assert (told["goes_on"], told["next"]["phase"]) == (journey.run_id, "READ_N")
    shown = op.type("approve", "personnel", "READ_N").stdout
    assert "goes on" in shown
    assert "cutover advance" not in shown


def held(phase: Phase) -> Operator:
    """Return an operator of a migration whose alarm has just gone off."""
    op = at(phase)
    now = op.conductor.parts.clock.wall()
    answer_alarm(op.conductor.world, AlarmEvent("1", "cutover-personnel-watch", now, "errors"))
    return op


def test_acknowledging_an_alarm_when_a_reason_is_given_expects_the_way_free_and_an_entry() -> None:
    op = held(Phase.READ_V2)
    hold = op.json("status", "personnel")["hold"]
    assert (hold["alarm"], hold["answer"]) == ("cutover-personnel-watch", "rollback")
    error = op.json("advance", "personnel", exits=3)["error"]
    assert error["missing"][0] == "acknowledged"
    assert "cutover approve personnel --alarm" in error["message"]
    told = op.json("approve", "personnel", "--alarm", "--reason", "a bad deploy")
    assert told["hold"] is None
    assert op.json("status", "personnel")["hold"] is None
    [entry] = [
        each
        for each in op.json("log", "personnel")["entries"]
        if each["action"] == "acknowledge alarm"
    ]
    assert (entry["actor"], entry["reason"]) == (CALLER, "a bad deploy")


def test_acknowledging_an_alarm_when_done_expects_how_to_go_on_and_what_is_missing() -> None:
    shown = held(Phase.READ_N).type("approve", "personnel", "--alarm", "--reason", "x").stdout
    assert "cutover start personnel --watch" in shown
    assert "Next READ_V2" in shown


@pytest.mark.parametrize(
    ("phase", "way"),
    [(Phase.OFF, "start personnel --until READ_N"), (Phase.READ_V2, "rollback personnel --to")],
)
def test_reads_when_no_share_can_be_set_expects_the_way_from_there(phase: Phase, way: str) -> None:
    assert way in at(phase).json("reads", "personnel", "10", exits=3)["error"]["mend"]


@pytest.mark.parametrize("phase", [Phase.READ_N, Phase.READ_V2])
def test_status_when_an_alarm_holds_readers_on_v2_expects_the_way_home(phase: Phase) -> None:
    shown = " ".join(held(phase).type("status", "personnel").stdout.split())
    assert "READERS ARE STILL ON v2" in shown
    assert "cutover rollback personnel --to SHADOW_READ" in shown


def test_a_journey_when_an_alarm_holds_it_expects_no_advice_about_records() -> None:
    op = held(Phase.READ_N)
    assert op.json("reads", "personnel", "0")["phase"] == "SHADOW_READ"
    result = op.type("start", "personnel", "--watch")
    assert result.exit_code == 1
    shown = result.stdout
    assert "nobody has acknowledged it" in shown
    assert "cutover status personnel" in shown
    assert "--exclude" not in shown


def test_status_when_nothing_runs_expects_the_job_that_makes_a_guard_hold() -> None:
    shown = at(Phase.OFF).type("status", "personnel").stdout
    assert "cutover start personnel dry-run --watch" in shown


def test_acknowledging_an_alarm_when_no_reason_is_given_expects_exit_2_and_the_hold() -> None:
    op = held(Phase.READ_N)
    assert op.json("approve", "personnel", "--alarm", exits=2)["error"]["field"] == "--reason"
    assert op.json("status", "personnel")["hold"]


def test_acknowledging_an_alarm_when_the_reason_is_blank_expects_exit_2_and_the_hold() -> None:
    op = held(Phase.READ_N)
    words = ("approve", "personnel", "--alarm", "--reason", "  ")
    assert op.json(*words, exits=2)["error"]["field"] == "--reason"
    assert op.conductor.state.hold is not None


def test_an_entry_when_an_alarm_and_a_run_stand_in_it_expects_short_names() -> None:
    op = operator(legacy("a"), phase=Phase.READ_N)
    now = op.conductor.parts.clock.wall()
    alarm = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:cutover-personnel-errors-critical"
    reason = f"{alarm} transitioned to ALARM"
    answer_alarm(op.conductor.world, AlarmEvent("1", "cutover-personnel-watch", now, reason))
    for verb in ("log", "doctor"):
        shown = " ".join(op.type(verb, "personnel").stdout.split())
        assert "cutover-personnel-errors-critical transitioned to ALARM" in shown
        assert "arn:aws:cloudwatch" not in shown


def test_acknowledging_an_alarm_when_none_holds_expects_exit_2() -> None:
    op = at(Phase.READ_N)
    words = ("approve", "personnel", "--alarm", "--reason", "x")
    assert op.json(*words, exits=2)["error"]["field"] == "--alarm"


@pytest.mark.parametrize("words", [(), ("READ_V2", "--alarm", "--reason", "x")])
def test_approve_when_neither_or_both_are_named_expects_exit_2(words: tuple[str, ...]) -> None:
    error = at(Phase.READ_N).json("approve", "personnel", *words, exits=2)["error"]
    assert error["field"] == "GATE"


def test_a_journey_when_started_by_the_command_expects_its_asker_kept_from_approving() -> None:
    op = at(Phase.SHADOW_READ)
    told = op.json("start", "personnel", "--until", "READ_N")
    run = op.conductor.world.ledger.load(told["run_id"])
    assert run is not None
    assert run.facts["requester"] == CALLER
    strict = replace(LOCAL, approves_alone=False)
    op.conductor.world = op.conductor.parts.world(strict)
    error = op.json("approve", "personnel", "READ_N", exits=3)["error"]
    assert error["missing"] == ["approved"]
    assert "was asked for by" in error["message"]


def test_approve_when_nobody_is_known_to_have_asked_expects_one_more_person_asked_for() -> None:
    op = at(Phase.SHADOW_READ)
    op.conductor.world = op.conductor.parts.world(replace(LOCAL, approves_alone=False))
    run = op.conductor.begin_journey(RunKind.MIGRATE, until="READ_N")  # past the command
    told = op.json("approve", "personnel", "READ_N")
    assert (told["second"], told["goes_on"]) == (None, None)
    assert "another person approves as well" in told["next"]["missing"][0]["reason"]
    assert "it is not enough" in op.type("approve", "personnel", "READ_N").stdout
    op.target = replace(op.target, caller="arn:aws:iam::123456789012:user/bob")
    told = op.json("approve", "personnel", "READ_N")
    assert (told["second"], told["goes_on"]) == (CALLER, run.run_id)
