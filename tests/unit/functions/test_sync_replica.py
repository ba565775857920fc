"""Syncing as Lambda calls it: what comes back, what is left for later, what is said of it."""

import json
from typing import Any

import pytest

from functions import entry
from functions.sync_replica.handler import handler
from shared import bootstrap
from shared.engine.sync import Syncing
from shared.model.errors import Contended, RecordHeld, Throttled
from shared.model.key import Key
from shared.model.key_message import key_message
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import AVAILABILITY_FIRST, Conductor, key, legacy, stage
from tests.unit.functions.invocation import Context

NAMES = ("A", "B", "C")


@pytest.fixture
def lagging(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Conductor:
    """Return a migration in which v2 has none of v1's records yet."""
    conductor = stage(*[legacy(name) for name in NAMES], phase=Phase.DUAL_AF)
    monkeypatch.setattr(bootstrap, "world", lambda _environ: conductor.world)
    # Powertools keeps one logger per service, and with it the stream of the test that made it
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", request.node.name)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "test")
    for built in (entry.logger, entry.metrics, entry.instrumented):
        built.cache_clear()
    return conductor


class Late(Context):
    """A context with less time left than one record may take."""

    def get_remaining_time_in_millis(self) -> int:
        return 1000


def message(name: str, body: str | None = None) -> dict[str, Any]:
    text = key_message(AVAILABILITY_FIRST.source.keys, key(name)) if body is None else body
    return {"messageId": name, "body": text, "eventSource": "aws:sqs"}


def failures(*messages: dict[str, Any], context: Context | None = None) -> list[str]:
    answer = handler({"Records": list(messages)}, context or Context())
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def counted(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = next(line for line in printed if "_aws" in line)
    return {name: sum(v) for name, v in metrics.items() if name.startswith("Replicas")}


def test_a_batch_when_all_can_follow_makes_them_follow_and_counts_what_was_done(
    lagging: Conductor, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failures(message("A"), message("B"), message("A")) == []
    assert lagging.stored(Side.TARGET, key("A"))
    assert lagging.stored(Side.TARGET, key("B"))
    assert counted(capsys) == {"ReplicasSynced": 2.0}


def test_a_record_when_no_program_can_decide_comes_back_alone_and_no_log_names_it(
    lagging: Conductor, capsys: pytest.CaptureFixture[str]
) -> None:
    lagging.load(Side.SOURCE, legacy("SECRET", active="perhaps"))
    assert failures(message("SECRET"), message("B")) == ["SECRET"]
    assert lagging.stored(Side.TARGET, key("B"))
    printed = capsys.readouterr()
    assert "SECRET" not in printed.out + printed.err
    assert RecordHeld.__name__ in printed.out


def test_a_replica_when_it_is_away_is_asked_for_one_record_and_no_more(
    lagging: Conductor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried: list[Key] = []
    sync = Syncing.sync

    def watched(self: Syncing, key: Key) -> bool:
        tried.append(key)
        return sync(self, key)

    def away(name: str) -> None:
        if name == "write_together":
            raise Throttled("busy")

    broken = lagging.watched(before=away)
    monkeypatch.setattr(bootstrap, "world", lambda _environ: broken.world)
    monkeypatch.setattr(Syncing, "sync", watched)
    assert failures(*map(message, NAMES)) == list(NAMES)
    assert tried == [key("A")]
    assert counted(capsys) == {"ReplicasNotSynced": 3.0}


def test_a_batch_when_the_time_is_nearly_over_comes_back_untried(lagging: Conductor) -> None:
    assert failures(message("A"), message("B"), context=Late()) == ["A", "B"]
    assert lagging.stored(Side.TARGET, key("A")) is None


def test_a_message_when_it_holds_no_key_comes_back_alone(lagging: Conductor) -> None:
    assert failures(message("A", body="EMPLOYEE#A"), message("B")) == ["A"]
    assert lagging.stored(Side.TARGET, key("B"))


def test_a_record_when_it_changes_all_the_time_comes_back(
    lagging: Conductor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_self: Syncing, _key: Key) -> bool:
        raise Contended("the record could not be synced yet")

    monkeypatch.setattr(Syncing, "sync", busy)
    assert failures(message("A")) == ["A"]
