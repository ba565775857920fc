"""A queue of keys: every key that was asked for comes out, and nothing but keys goes in."""

import json
from decimal import Decimal

import pytest

from shared.aws.key_queue import SqsKeyQueue
from shared.model.errors import InvalidInput, Refused
from shared.model.key import Key, KeySchema
from shared.model.key_message import key_in, key_message
from tests.contract.engines import Engine
from tests.contract.server_cloud import ServerCloud

KEYS = KeySchema("PK", "SK")


def test_keys_when_asked_for_come_out(engine: Engine) -> None:
    asked = [Key(f"EMPLOYEE#{number}", "PROFILE") for number in range(23)]
    engine.queue.ask(asked[:12])
    engine.queue.ask(asked[12:])
    assert engine.queue.waiting() == 23
    assert sorted(engine.hand.queued(), key=str) == sorted(asked, key=str)


def test_no_keys_when_asked_for_expect_no_message(engine: Engine) -> None:
    engine.queue.ask([])
    assert engine.queue.waiting() == 0
    assert engine.hand.queued() == []


@pytest.mark.parametrize("odd", ["a|b\\", "Zoë 🙂", "\x00\x1f\uffff", '"}', " "])
def test_a_key_of_odd_characters_comes_out_as_it_was(engine: Engine, odd: str) -> None:
    engine.queue.ask([Key(odd, odd)])
    assert engine.hand.queued() == [Key(odd, odd)]


@pytest.mark.parametrize(
    ("schema", "key"),
    [
        (KeySchema("n", partition_type="N"), Key(Decimal("-1.5"))),
        (KeySchema("b", "n", partition_type="B", sort_type="N"), Key(b"\x00\xff", Decimal(7))),
    ],
)
def test_a_message_of_a_key_of_any_type_holds_that_key(schema: KeySchema, key: Key) -> None:
    message = key_message(schema, key)
    assert message.isascii()
    assert list(json.loads(message)) == ["key"]
    assert key_in(schema, message) == key


@pytest.mark.parametrize("body", ["", "EMPLOYEE#1", "[]", "{}", '{"key": 1}', '{"key": "one"}'])
def test_a_message_that_is_no_key_is_refused(body: str) -> None:
    with pytest.raises(InvalidInput):
        key_in(KEYS, body)


def test_a_key_that_is_being_worked_on_still_waits(cloud: ServerCloud) -> None:
    url = cloud.sqs.create_queue(QueueName="contract-in-work")["QueueUrl"]
    queue = SqsKeyQueue(cloud.sqs, "contract-in-work", KEYS)
    queue.ask([Key("a", "b"), Key("c", "d")])
    (received,) = cloud.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1)["Messages"]
    assert queue.waiting() == 2
    cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    assert queue.waiting() == 1


def test_a_queue_that_is_not_there_refuses(cloud: ServerCloud) -> None:
    with pytest.raises(Refused, match="NonExistentQueue"):
        SqsKeyQueue(cloud.sqs, "never-made", KEYS).ask([Key("a", "b")])
