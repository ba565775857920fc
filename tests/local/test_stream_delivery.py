"""What a poller does with a batch that fails, without a server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from local.lambdas.runtime_api import Outcome
from local.streams.delivery import EXHAUSTED, TOO_OLD, Delivery
from local.streams.events import event
from local.streams.settings import Settings

FAILED = Outcome(b"{}", "Unhandled")
DONE = Outcome(b"null")


def record(number: int, seconds_ago: float = 0.0) -> dict[str, Any]:
    written = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return {
        "dynamodb": {"SequenceNumber": str(number), "ApproximateCreationDateTime": written},
    }


def numbers(records: Sequence[dict[str, Any]]) -> str:
    return "".join(each["dynamodb"]["SequenceNumber"] for each in records)


class Function:
    """Fails on record 3, by raising or by reporting it; notes what it was given."""

    def __init__(self, *, reports: bool = False, names: str = "3", cured_after: int = 1000) -> None:
        self.given: list[str] = []
        self.given_up: list[tuple[str, str]] = []
        self._reports = reports
        self._names = names
        self._cured_after = cured_after

    def __call__(self, records: Sequence[dict[str, Any]]) -> Outcome:
        self.given.append(numbers(records))
        if "3" not in self.given[-1] or len(self.given) > self._cured_after:
            return DONE
        failures = [{"itemIdentifier": self._names}]
        report = json.dumps({"batchItemFailures": failures}).encode()
        return Outcome(report) if self._reports else FAILED

    def deliver(self, count: int = 6, *, patience: int = 1000, **settings: Any) -> bool:
        chosen = Settings(
            **{
                "function_arn": "arn",
                "batch_size": 100,
                "bisect": False,
                "partial": False,
                "retries": 0,
                "record_age": None,
                "destination": None,
            }
            | settings
        )
        waits = iter(range(patience))
        delivery = Delivery(
            settings=lambda: chosen,
            invoke=self,
            give_up=lambda records, reason: self.given_up.append((numbers(records), reason)),
            wait=lambda _seconds: next(waits, None) is not None,
        )
        return delivery.deliver([record(number, 60.0) for number in range(count)])


def test_a_batch_without_bisecting_is_given_up_whole_when_the_retries_are_used_up() -> None:
    function = Function()
    assert function.deliver(retries=2)
    assert function.given == ["012345"] * 3
    assert function.given_up == [("012345", EXHAUSTED)]


def test_a_batch_when_the_function_is_cured_in_time_is_not_given_up() -> None:
    function = Function(cured_after=2)
    assert function.deliver(retries=2)
    assert function.given == ["012345"] * 3
    assert function.given_up == []


def test_a_bisected_batch_keeps_its_order_and_splits_at_no_cost_of_retries() -> None:
    function = Function()
    assert function.deliver(bisect=True, retries=1)
    assert function.given == ["012345", "012", "345", "3", "3", "45"]
    assert function.given_up == [("3", EXHAUSTED)]


def test_a_partial_failure_goes_on_from_the_record_that_failed() -> None:
    function = Function(reports=True)
    assert function.deliver(bisect=True, partial=True)
    assert function.given == ["012345", "345", "3", "45"]
    assert function.given_up == [("3", EXHAUSTED)]


def test_a_report_counts_for_nothing_when_the_mapping_does_not_ask_for_it() -> None:
    function = Function(reports=True)
    assert function.deliver(partial=False)
    assert function.given == ["012345"]
    assert function.given_up == []


def test_a_record_that_is_too_old_is_given_up_without_further_retries() -> None:
    function = Function()
    assert function.deliver(retries=None, record_age=59)
    assert function.given_up == [("012345", TOO_OLD)]


def test_a_delivery_without_limit_ends_when_it_is_told_to_stop() -> None:
    function = Function()
    assert not function.deliver(retries=None, patience=5)
    assert function.given == ["012345"] * 6
    assert function.given_up == []


def test_a_report_that_names_no_record_of_the_batch_fails_all_of_it() -> None:
    function = Function(reports=True, names="unknown")
    assert function.deliver(partial=True)
    assert function.given_up == [("012345", EXHAUSTED)]


def test_an_event_has_times_as_numbers_bytes_as_text_and_its_source() -> None:
    held = record(7)
    held["dynamodb"]["Keys"] = {"pk": {"B": b"\x00\x01"}}
    (sent,) = json.loads(event([held], "arn:stream"))["Records"]
    assert sent["eventSourceARN"] == "arn:stream"
    assert sent["dynamodb"]["Keys"] == {"pk": {"B": "AAE="}}
    assert isinstance(sent["dynamodb"]["ApproximateCreationDateTime"], float)
