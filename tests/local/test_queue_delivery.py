"""What of a batch is deleted, by what its function answers; without a server."""

from __future__ import annotations

import json

import pytest

from local.lambdas.runtime_api import Outcome
from local.queues.delivery import done
from local.queues.events import event

MESSAGES = [{"MessageId": "a"}, {"MessageId": "b"}, {"MessageId": "c"}]


def left(payload: str, error: str | None = None, *, partial: bool = True) -> str:
    deleted = done(Outcome(payload.encode(), error), MESSAGES, partial=partial)
    return "".join(one["MessageId"] for one in MESSAGES if one not in deleted)


@pytest.mark.parametrize(
    "answer",
    ["", "null", "{}", '{"batchItemFailures": null}', '{"batchItemFailures": []}'],
)
def test_an_answer_without_failures_is_a_success(answer: str) -> None:
    assert left(answer) == ""


@pytest.mark.parametrize(
    "answer",
    [
        "not json",
        "[]",
        '{"batchItemFailures": [{"itemIdentifier": ""}]}',
        '{"batchItemFailures": [{"itemIdentifier": null}]}',
        '{"batchItemFailures": [{"wrong": "a"}]}',
        '{"batchItemFailures": ["a"]}',
        '{"batchItemFailures": [{"itemIdentifier": "unknown"}]}',
    ],
)
def test_an_answer_that_is_not_understood_fails_the_whole_batch(answer: str) -> None:
    assert left(answer) == "abc"


def test_what_is_named_as_failed_is_left_in_the_queue() -> None:
    assert left('{"batchItemFailures": [{"itemIdentifier": "b"}]}') == "b"


def test_failures_are_not_read_where_the_mapping_does_not_ask_for_them() -> None:
    assert left('{"batchItemFailures": [{"itemIdentifier": "b"}]}', partial=False) == ""


def test_an_error_fails_the_whole_batch() -> None:
    assert left("{}", "Unhandled", partial=False) == "abc"


def test_a_binary_attribute_is_sent_as_text() -> None:
    message = {
        "MessageId": "a",
        "ReceiptHandle": "r",
        "Body": "",
        "Attributes": {},
        "MD5OfBody": "m",
        "MessageAttributes": {"raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}},
    }
    (record,) = json.loads(event([message], "arn"))["Records"]
    assert record["messageAttributes"]["raw"]["binaryValue"] == "AAE="
