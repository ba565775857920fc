"""The parts of DynamoDB Local's front that can be tried without it."""

import threading
from typing import Any

import pytest

from local.dynamodb_local.forward import Gate
from local.dynamodb_local.permissions import of_request

INSERT = {"Statement": "INSERT INTO \"a.b-c\" VALUE {'PK': ?, 'from': 'x'}"}


@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        ("PutItem", {"TableName": "t"}, [("t", "PutItem", None)]),
        ("Query", {"TableName": "t", "IndexName": "i"}, [("t", "Query", "i")]),
        ("Scan", {}, [("", "Scan", None)]),
        (
            "BatchWriteItem",
            {"RequestItems": {"t": [], "u": []}},
            [("t", "BatchWriteItem", None), ("u", "BatchWriteItem", None)],
        ),
        ("BatchGetItem", {"RequestItems": {"t": {}}}, [("t", "BatchGetItem", None)]),
        (
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "t"}},
                    {"Update": {"TableName": "u"}},
                    {"Delete": {"TableName": "v"}},
                    {"ConditionCheck": {"TableName": "w"}},
                ]
            },
            [
                ("t", "PutItem", None),
                ("u", "UpdateItem", None),
                ("v", "DeleteItem", None),
                ("w", "ConditionCheckItem", None),
            ],
        ),
        (
            "TransactGetItems",
            {"TransactItems": [{"Get": {"TableName": "t"}}]},
            [("t", "GetItem", None)],
        ),
        ("ExecuteStatement", INSERT, [("a.b-c", "PartiQLInsert", None)]),
        (
            "ExecuteTransaction",
            {"TransactStatements": [INSERT, {"Statement": "delete from t where PK = 'a'"}]},
            [("a.b-c", "PartiQLInsert", None), ("t", "PartiQLDelete", None)],
        ),
        ("ExecuteStatement", {"Statement": 'UPDATE "t" SET a=1'}, [("t", "PartiQLUpdate", None)]),
        (
            "ExecuteStatement",
            {"Statement": 'SELECT * FROM "t"."i" WHERE a=1'},
            [("t", "PartiQLSelect", "i")],
        ),
        ("ExecuteStatement", {"Statement": "nonsense"}, []),
        ("BatchExecuteStatement", {"Statements": [INSERT]}, []),
    ],
)
def test_of_request_names_what_a_policy_is_asked_about(
    operation: str, request_: dict[str, Any], expected: list[tuple[str, str, str | None]]
) -> None:
    assert list(of_request(operation, request_)) == expected


def test_gate_when_a_copy_begins_waits_for_the_writes_under_way_and_holds_off_others() -> None:
    gate, order = Gate(), []
    writing, end_writing, copying, end_copy = (threading.Event() for _ in range(4))

    def first_write() -> None:
        with gate.write():
            writing.set()
            end_writing.wait()
            order.append("first write")

    def copy() -> None:
        with gate.closed():
            copying.set()
            end_copy.wait()
            order.append("copy")

    def second_write() -> None:
        with gate.write():
            order.append("second write")

    steps = [threading.Thread(target=each) for each in (first_write, copy, second_write)]
    steps[0].start()
    writing.wait()
    steps[1].start()
    assert not copying.wait(0.05)
    end_writing.set()
    copying.wait()
    steps[2].start()
    end_copy.set()
    for step in steps:
        step.join()
    assert order == ["first write", "copy", "second write"]


def test_gate_lets_writes_pass_side_by_side() -> None:
    gate = Gate()
    with gate.write(), gate.write():
        pass
    with gate.closed():
        pass
