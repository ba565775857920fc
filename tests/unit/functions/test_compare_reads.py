"""The comparison as SQS calls it: every key once, partial failures, counts, no key in a log."""

import json
from typing import Any

import pytest

from functions import entry
from functions.compare_reads.handler import handler
from migrations.personnel.migration import MIGRATION
from shared import bootstrap
from shared.aws.key_queue import key_message
from shared.engine.shadow import ShadowReads
from shared.model.errors import Contended, TableGone, Throttled
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.shadow import ShadowResult, ShadowTally
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, stage
from tests.unit.engine.outsiders import tamper
from tests.unit.functions.invocation import Context


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Conductor:
    conductor = stage(*[legacy(name, full_name=name) for name in "ABC"], phase=Phase.SHADOW_READ)
    conductor.world.meter.drain()
    monkeypatch.setattr(bootstrap, "world", lambda _environ: conductor.world)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)
    monkeypatch.setenv("CUTOVER_MIGRATION", "personnel")
    for cached in (entry.logger, entry.metrics, entry.instrumented):
        cached.cache_clear()  # they would print to where the first test did
    return conductor


def message(body: str, number: int) -> dict[str, Any]:
    return {
        "messageId": f"m{number}",
        "receiptHandle": "handle",
        "body": body,
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:1:cutover-personnel-shadow-reads",
        "awsRegion": "us-east-1",
    }


def failures(*bodies: str) -> list[str]:
    records = [message(body, number) for number, body in enumerate(bodies)]
    answer = handler({"Records": records}, Context())
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def body(name: str) -> str:
    return key_message(MIGRATION.source.keys, key(name))


def tally(conductor: Conductor) -> ShadowTally:
    (found,) = conductor.world.ledger.reads_counted(MIGRATION.name, 10)
    return found


def test_a_batch_when_v2_was_written_past_the_wrapper_voids_the_certificate_and_counts(
    proven: Conductor,
) -> None:
    tamper(proven, Side.TARGET, "B", full_name="Mallory")
    assert failures(body("A"), body("B"), body("C"), body("B")) == []
    assert not proven.certificate_granted()
    counted = tally(proven)
    assert (counted.equal, counted.real) == (2, 1)
    assert counted.differing == {"EMPLOYEE#B|PROFILE"}


def test_a_batch_when_one_key_cannot_be_compared_brings_that_one_again_and_counts_the_rest(
    proven: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ShadowReads.explain

    def refuse(reads: ShadowReads, found: Key) -> ShadowResult | None:
        if "B" in str(found.partition):
            raise Contended("busy")
        return whole(reads, found)

    monkeypatch.setattr(ShadowReads, "explain", refuse)
    assert failures(body("A"), body("B"), body("C")) == ["m1"]
    assert tally(proven).equal == 2


STRANGE = {
    "empty": "",
    "no json": "no json",
    "half a key": '{"key": "EMPLOYEE#A"}',
    "longer than a table's key": body("x" * 3000),
    "half a surrogate pair": '{"key": "EMPLOYEE#\\ud800|PROFILE"}',
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE)
def test_a_message_that_is_no_key_is_brought_again_by_itself(
    proven: Conductor, strange: str
) -> None:
    assert failures(body("A"), strange) == ["m1"]
    assert failures(strange) == ["m0"]
    assert tally(proven).equal == 1


def test_tables_that_cannot_be_read_bring_the_whole_batch_again(
    proven: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(name: str) -> None:
        if name == "get_many":
            raise Throttled("busy")

    monkeypatch.setattr(bootstrap, "world", lambda _environ: proven.watched(before=busy).world)
    with pytest.raises(Throttled):
        failures(body("A"))
    assert proven.world.ledger.reads_counted(MIGRATION.name, 10) == []


def test_a_table_that_is_gone_is_no_reason_to_try_again(
    proven: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_reads: object, _key: Key) -> None:
        raise TableGone("another table")

    monkeypatch.setattr(ShadowReads, "explain", gone)
    assert failures(body("A")) == []


def test_results_when_told_are_metrics_of_the_migration_and_no_log_names_a_key(
    proven: Conductor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tamper(proven, Side.TARGET, "B", full_name="Mallory")
    failures(body("A"), body("B"))
    monkeypatch.setattr(ShadowReads, "explain", _broken)
    failures(body("C"))
    printed = capsys.readouterr().out
    assert "EMPLOYEE#" not in printed
    assert "Mallory" not in printed
    told = next(each for each in map(json.loads, printed.splitlines()) if "ShadowReal" in each)
    names = ("ShadowEqual", "ShadowRaced", "ShadowLagging", "ShadowReal")
    assert [told[name] for name in names] == [[1.0], [0.0], [0.0], [1.0]]
    assert "not compared" in printed


def _broken(_reads: object, found: Key) -> None:
    raise Contended(f"{found.partition} is busy")
