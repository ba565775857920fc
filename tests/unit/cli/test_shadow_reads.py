"""What an operator is told of shadow reads: in the status of this step, and in a run's report."""

from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.cli.rehearsal import Operator, operator
from tests.unit.engine.conductor import legacy
from tests.unit.engine.outsiders import tamper
from tests.unit.engine.test_shadow import compared

NAMES = "ABCDE"


def moved(phase: Phase = Phase.SHADOW_READ) -> Operator:
    return operator(*[legacy(name, full_name=name) for name in NAMES], phase=phase)


def line(op: Operator) -> str:
    """Return the part of the status that speaks of shadow reads, in one line."""
    told = op.type("status", "personnel").stdout
    assert max(map(len, told.splitlines())) <= 80
    return " ".join(told.partition("shadow reads")[2].split())


def test_status_when_no_reads_are_compared_in_a_phase_expects_no_word_of_them() -> None:
    op = moved(Phase.VALIDATE)
    assert line(op) == ""
    assert op.json("status", "personnel")["shadow_reads"] is None


def test_status_when_none_was_compared_yet_expects_that_said() -> None:
    assert line(moved()).startswith("none compared in this step yet")


def test_status_when_reads_were_compared_expects_how_many_since_when_and_none_real() -> None:
    op = moved()
    compared(op.conductor, *NAMES)
    assert line(op).startswith("5 compared since 2027-01-1")
    assert "Z, 0 real" in line(op)
    document = op.json("status", "personnel")["shadow_reads"]
    assert (document["compared"], document["equal"], document["real"]) == (5, 5, 0)
    assert (document["phase"], document["differing"]) == ("SHADOW_READ", [])


def test_status_when_reads_really_differ_expects_their_keys_and_where_there_are_more() -> None:
    op = moved()
    for name in NAMES:
        tamper(op.conductor, Side.TARGET, name, full_name="Mallory")
    compared(op.conductor, *NAMES)
    assert "5 real EMPLOYEE#A|PROFILE EMPLOYEE#B|PROFILE EMPLOYEE#C|PROFILE and 2 more" in line(op)
    assert len(op.json("status", "personnel")["shadow_reads"]["differing"]) == 5


def test_status_when_the_next_step_began_expects_its_own_figures() -> None:
    op = moved()
    compared(op.conductor, *NAMES)
    op.conductor.go_to(Phase.READ_N, percent=50)
    assert line(op).startswith("none compared in this step yet")
    compared(op.conductor, "A")
    assert line(op).startswith("1 compared")


def test_a_report_expects_the_steps_in_which_reads_were_compared_while_the_run_was_on() -> None:
    op = moved()
    compared(op.conductor, *NAMES)
    op.conductor.pass_time(60.0)

    def compare_some(_step: object) -> None:
        if op.conductor.phase is Phase.READ_N:
            compared(op.conductor, "A", "B")

    run = op.conductor.migrate(compare_some, approve="auto", until="READ_V2", ramp=[10, 100])
    steps = op.json("report", "personnel", run.run_id)["shadow_reads"]
    assert [(each["phase"], each["reads_percent"]) for each in steps] == [
        ("READ_N", 10),
        ("READ_N", 100),
    ]
    assert all(each["compared"] >= 2 and each["real"] == 0 for each in steps)
    told = op.type("report", "personnel", run.run_id).stdout
    assert "Shadow reads" in told
    assert "10 %" in told
