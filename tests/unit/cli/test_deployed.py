"""A checkout that is not what is deployed: it shows what is, and moves nothing forward."""

from collections.abc import Mapping

import pytest

from shared.model.errors import CutoverError, Refused
from shared.model.phases import Phase
from tests.unit.cli.rehearsal import Operator, operator
from tests.unit.engine.conductor import legacy

OTHERS: list[tuple[Mapping[str, str] | CutoverError, str, str]] = [
    (
        {"start_journey": "another", "serve_records": "another"},
        "this checkout is test, deployed is another",
        "check out what is deployed",
    ),
    (
        {"start_journey": "test", "serve_records": "another"},
        "different deployments: start_journey test, serve_records another",
        "deploy all stacks",
    ),
    (
        {"start_journey": "test", "serve_records": ""},
        "serve_records was deployed before",
        "deploy all stacks",
    ),
    ({}, "nothing is deployed here", "deploy all stacks"),
    (
        Refused("GetFunctionConfiguration: AccessDeniedException"),
        "nobody knows which code is deployed: GetFunctionConfiguration: AccessDenied",
        "lambda:GetFunctionConfiguration",
    ),
]


def at(phase: Phase, percent: int = 100) -> Operator:
    op = operator(legacy("a"), phase=phase, percent=percent)
    op.code = {"start_journey": "another"}
    return op


@pytest.mark.parametrize(("code", "told", "mend"), OTHERS)
def test_a_move_when_the_checkout_is_not_deployed_expects_exit_3_and_its_mend(
    code: Mapping[str, str] | CutoverError, told: str, mend: str
) -> None:
    op = at(Phase.DUAL_WRITE)
    op.conductor.backfill()
    op.conductor.settle()
    op.code = code
    before = op.conductor.state
    error = op.json("advance", "personnel", exits=3)["error"]
    assert (error["code"], error["missing"]) == ("guard_refused", ["deployed"])
    assert told in error["message"]
    assert mend in error["mend"]
    assert op.conductor.state == before
    shown = op.json("status", "personnel")["code"]
    assert shown["same"] is False
    assert told in shown["difference"]
    op.code = None
    assert op.json("advance", "personnel")["phase"] == "VALIDATE"


@pytest.mark.parametrize(
    "words",
    [
        ("advance", "personnel", "--reopen"),
        ("start", "personnel"),
        ("start", "personnel", "backfill"),
        ("start", "personnel", "dry-run", "--exclude", "a"),
        ("archive", "personnel"),
        ("reads", "personnel", "60"),
    ],
)
def test_a_command_when_the_checkout_is_not_deployed_expects_it_refused_with_nothing_begun(
    words: tuple[str, ...],
) -> None:
    op = at(Phase.READ_N, 50)
    before = op.conductor.state
    log = op.conductor.world.ledger.audit("personnel", 50)
    assert op.json(*words, exits=3)["error"]["missing"] == ["deployed"]
    assert op.workflows.inputs == []
    assert op.conductor.state == before
    assert op.conductor.world.ledger.audit("personnel", 50) == log


def test_the_way_home_when_the_checkout_is_not_deployed_expects_it_open() -> None:
    op = at(Phase.READ_N, 50)
    assert op.json("reads", "personnel", "5")["reads_percent"] == 5
    assert op.json("reads", "personnel", "0")["phase"] == "SHADOW_READ"
    op.conductor.settle()
    assert op.json("advance", "personnel", "--to", "VALIDATE")["phase"] == "VALIDATE"
    assert op.json("rollback", "personnel", "--watch")["phase"] == "OFF"


def test_a_proof_when_looked_at_from_another_checkout_is_judged_by_what_is_deployed() -> None:
    op = at(Phase.READ_N)
    assert op.conductor.state.certificate is not None
    deployed = op.conductor.world.digest
    op.code = {"start_journey": deployed}
    op.checkout = "edited"
    told = op.json("status", "personnel")
    assert (told["changed_transform"], told["certificate"]["fresh"]) == (False, True)
    assert told["code"]["difference"] == f"this checkout is edited, deployed is {deployed}"
    assert op.json("doctor", "personnel")["healthy"]
    shown = " ".join(op.type("status", "personnel").stdout.split())
    assert "no move forward is made from here" in shown
    assert "--reopen" not in shown
    assert "this checkout is edited" in op.type("doctor", "personnel").stderr


def test_what_is_deployed_when_changed_expects_reopening_to_pin_that() -> None:
    op = at(Phase.VALIDATE)
    op.code, op.checkout = {"start_journey": "newer"}, "newer"
    assert op.json("status", "personnel")["changed_transform"] is True
    assert op.json("advance", "personnel", "--reopen")["phase"] == "VALIDATE"
    assert op.conductor.state.digest == "newer"
    assert op.json("status", "personnel")["changed_transform"] is False


def test_status_when_the_checkout_is_deployed_says_nothing_of_it() -> None:
    op = operator(legacy("a"))
    assert op.json("status", "personnel")["code"] == {
        "checkout": "test",
        "deployed": {"start_journey": "test"},
        "same": True,
        "difference": None,
    }
    assert "checkout" not in op.type("status", "personnel").stdout
