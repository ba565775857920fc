"""The command `cutover` as an operator types it, against what is deployed."""

from pathlib import Path
from typing import Any

import pytest

from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

COUNT = 300
RECORDS = generate(5, COUNT)
ONE = str(RECORDS[0]["PK"])


@pytest.fixture(scope="module")
def shell(cloud: Cloud) -> Terminal:
    """Return an operator's shell of a migration in DUAL_WRITE, whose v1 holds records."""
    cloud.put(cloud.v1, RECORDS)
    terminal = Terminal(cloud)
    told = terminal.json("start", "personnel", "--until", "DUAL_WRITE", "--watch")
    assert (told["status"], told["phase"]) == ("SUCCEEDED", "DUAL_WRITE")
    return terminal


def test_a_checkout_when_it_is_not_what_is_deployed_moves_nothing_forward(shell: Terminal) -> None:
    client, name = shell.cloud.client("lambda"), "cutover-personnel-start-journey"
    deployed = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    other = {"Variables": deployed | {"CUTOVER_DIGEST": "0" * 64}}
    client.update_function_configuration(FunctionName=name, Environment=other)
    try:
        assert shell.json("advance", "personnel", exits=3)["error"]["missing"] == ["deployed"]
        assert shell.json("start", "personnel", exits=3)["error"]["missing"] == ["deployed"]
        assert "different deployments" in shell.json("status", "personnel")["code"]["difference"]
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": deployed})
    told = shell.json("status", "personnel")
    assert (told["phase"], told["code"]["same"]) == ("DUAL_WRITE", True)


def test_plan_when_asked_expects_a_bill_and_nothing_in_the_way(shell: Terminal) -> None:
    told = shell.json("plan", "personnel", "--max-wcu", "500", "--writes", "10")
    assert (told["phase"], told["problems"]) == ("DUAL_WRITE", [])
    assert told["estimate"]["items"] == COUNT
    assert told["bill"]["dollars"] > 0


def test_a_backfill_when_throttled_stopped_and_mended_expects_every_record_once(
    cloud: Cloud, shell: Terminal
) -> None:
    slow = ("--max-wcu", "20", "--batch-size", "5", "--total-segments", "4")
    begun = shell.json("start", "personnel", "backfill", *slow)
    eventually(lambda: _run(shell)["written"] > 20)
    told = shell.json("throttle", "personnel", "--max-wcu", "60", "--reason", "it is night")
    assert (told["run_id"], told["before"], told["max_wcu"]) == (begun["run_id"], 20, 60)
    eventually(lambda: _run(shell)["progress"]["checkpoints"] >= 8)
    progress = _run(shell)["progress"]
    assert 0 < progress["percent"] < 100
    assert progress["rate_per_second"] > 0

    cloud.client("stepfunctions").stop_execution(executionArn=begun["execution"])
    eventually(lambda: not shell.doctor()["healthy"])
    (found,) = shell.doctor()["diagnoses"]
    assert (found["disease"], found["subject"]) == ("lost_worker", begun["run_id"])
    mended = shell.json("doctor", "personnel", "--mend", "--reason", "paged at 3")
    assert [each["disease"] for each in mended["diagnoses"]] == ["lost_worker"]
    eventually(lambda: _run(shell)["attempt"] == 2)
    ended = shell.json("status", "personnel", "--watch")
    assert (ended["run_id"], ended["status"]) == (begun["run_id"], "SUCCEEDED")
    assert (ended["scanned"], ended["written"] + ended["already_present"]) == (COUNT, COUNT)
    assert len(cloud.items(cloud.v2)) == COUNT
    assert shell.doctor()["healthy"]
    log = {each["action"]: each["reason"] for each in shell.json("log", "personnel")["entries"]}
    assert log["throttle backfill"] == "it is night"
    assert log["mend lost_worker"] == "paged at 3"


def test_diff_when_a_field_was_tampered_with_expects_it_marked_until_it_is_repaired(
    cloud: Cloud, shell: Terminal
) -> None:
    assert shell.json("diff", "personnel", ONE)["verdict"] == "equal"
    item = cloud.items(cloud.v2)[ONE]
    cloud.put(cloud.v2, [{**item, "team_id": "elsewhere"}])
    told = shell.json("diff", "personnel", ONE, exits=1)
    assert told["verdict"] == "different"
    marked = [each["field"] for each in told["fields"] if each["mark"] == "differs"]
    assert marked == ["team_id"]
    assert "≠" in shell.type("diff", "personnel", ONE).out
    repaired = shell.json("validate", "personnel", "--repair", "--watch")
    assert repaired["repaired"] >= 1
    assert shell.json("diff", "personnel", ONE)["verdict"] == "equal"


def test_a_report_when_written_as_a_page_expects_the_finding_on_it(
    shell: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    assert shell.type("report", "personnel", "--format", "html", "--output", str(file)).code == 0
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "team_id" in page


def test_a_journey_when_stopped_while_it_waits_expects_doctor_to_start_it_again(
    cloud: Cloud, shell: Terminal
) -> None:
    begun = shell.json("start", "personnel", "--until", "READ_N")
    eventually(lambda: cloud.ledger("WAITER#READ_N"))
    cloud.client("stepfunctions").stop_execution(executionArn=begun["execution"])
    eventually(lambda: not shell.doctor()["healthy"])
    (found,) = shell.doctor()["diagnoses"]
    assert (found["disease"], found["subject"]) == ("stuck_approval", begun["run_id"])
    assert shell.type("doctor", "personnel", "--mend").code == 0

    def goes_on() -> bool:
        run = _run(shell)
        return run["kind"] == "migrate" and run["status"] == "RUNNING"

    eventually(goes_on)
    assert _run(shell)["run_id"] != begun["run_id"]
    assert shell.doctor()["healthy"]
    told = shell.json("rollback", "personnel", "--to", "DUAL_WRITE", "--watch")
    assert (told["status"], told["phase"]) == ("SUCCEEDED", "DUAL_WRITE")
    assert shell.doctor()["healthy"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("status", "nobody"), 2, "there is no migration 'nobody'"),
        (("diff", "personnel", "nobody"), 1, "neither table has the record"),
        (("diff", "personnel", "a|b|c"), 2, "is not a key"),
        (("throttle", "personnel", "--max-wcu", "10"), 1, "no backfill of personnel is under way"),
        (("throttle", "personnel", "--max-wcu", "-1"), 2, "--max-wcu"),
        (("advance", "personnel", "--to", "ARCHIVED"), 2, "there is no move"),
        (("reads", "personnel", "10"), 3, "not in DUAL_WRITE"),
        (("report", "personnel", "zz"), 2, "no run of personnel begins with"),
    ],
)
def test_bad_input_when_typed_expects_one_block_that_says_what_to_do(
    shell: Terminal, words: tuple[str, ...], code: int, told: str
) -> None:
    typed = shell.type(*words)
    assert typed.code == code
    assert told in " ".join(typed.err.split())
    assert "Traceback" not in typed.err
    assert typed.out == ""


def _run(shell: Terminal) -> dict[str, Any]:
    return dict(shell.json("status", "personnel")["runs"][0])
