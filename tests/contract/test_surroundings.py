"""The archive, executions, clock and ids."""

import pytest

from shared.model.errors import InvalidInput
from shared.model.runs import RunKind
from tests.contract.engines import Engine

DOCUMENT = {"text": "Zoë 🙂", "list": [1, 2.5, None, True], "nested": {"": []}}


def test_document_comes_back(engine: Engine) -> None:
    uri = engine.archive.store(f"{engine.name}/runs/1/report.json", DOCUMENT)
    assert engine.archive.load(uri) == DOCUMENT


def test_document_stored_again_is_replaced(engine: Engine) -> None:
    uri = engine.archive.store(f"{engine.name}/a.json", [1])
    assert engine.archive.store(f"{engine.name}/a.json", [2]) == uri
    assert engine.archive.load(uri) == [2]


def test_document_that_cannot_be_read_is_invalid_input(engine: Engine) -> None:
    uri = engine.archive.store(f"{engine.name}/a.json", [1])
    broken = engine.hand.store_text(f"{engine.name}/broken.json", '{"a": ')
    for bad in (uri + "x", "no-uri-at-all", "s3://", broken):
        with pytest.raises(InvalidInput):
            engine.archive.load(bad)


def test_address_is_of_the_archive_when_its_name_begins_as_asked(engine: Engine) -> None:
    uri = engine.archive.store(f"inputs/{engine.name}/a.json", [1])
    assert engine.archive.holds(uri, f"inputs/{engine.name}/")
    assert not engine.archive.holds(uri, f"inputs/{engine.name}-2/")
    assert not engine.archive.holds(uri, "a.json")
    elsewhere = uri.replace("://", "://another-")
    assert not engine.archive.holds(elsewhere, f"inputs/{engine.name}/")


def test_execution_is_running_until_it_ends(engine: Engine) -> None:
    execution = engine.hand.start_execution()
    assert engine.executions.running(execution)
    engine.hand.end_execution(execution)
    assert not engine.executions.running(execution)


def test_execution_that_never_was_is_not_running(engine: Engine) -> None:
    execution = engine.hand.start_execution()
    assert not engine.executions.running(execution + "0")


def test_execution_started_twice_by_one_name_is_one(engine: Engine) -> None:
    engine.hand.deploy_validation()
    given = {"migration": engine.name, "repair": False}
    for name in ("tick-1", "tick-1", "tick-2"):
        engine.executions.start(RunKind.VALIDATE, given, name)
    assert engine.hand.validations() == [given, given]


def test_waking_a_workflow_that_is_gone_is_no_error(engine: Engine) -> None:
    engine.executions.wake("a-token-nobody-waits-with", "READ_N")


def test_clock_moves_on_by_what_was_slept(engine: Engine) -> None:
    before = engine.clock.monotonic()
    engine.clock.sleep(0.01)
    assert engine.clock.monotonic() - before >= 0.01
    assert engine.clock.wall() > 1_763_000_000  # epoch seconds, not milliseconds
