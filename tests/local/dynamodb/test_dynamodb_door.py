"""The wire: connections stay open, faults are answered, moto still gets the rest."""

from __future__ import annotations

import http.client
import json
import zlib
from urllib.parse import urlsplit

import boto3
import pytest
from moto import mock_aws

from local.dynamodb import operations
from local.dynamodb.refusals import Refusal


@pytest.fixture
def wire(endpoint):
    connection = http.client.HTTPConnection(urlsplit(endpoint).netloc)

    def call(operation, body):
        connection.request("POST", "/", body, {"X-Amz-Target": f"DynamoDB_20120810.{operation}"})
        answer = connection.getresponse()
        return answer, answer.read(), connection.sock

    yield call
    connection.close()


def test_connection_is_kept_and_the_checksum_is_right(wire, table):
    request = json.dumps({"TableName": table})
    _, _, first = wire("Scan", request)
    answer, content, second = wire("Scan", request)
    assert first is second is not None
    assert answer.status == 200
    assert int(answer.headers["x-amz-crc32"]) == zlib.crc32(content)
    assert json.loads(content) == {"Count": 0, "ScannedCount": 0, "Items": []}


@pytest.mark.parametrize("body", ["", "[]", "{", '{"Item": ' * 5000])
def test_body_that_is_no_request_is_refused_and_the_connection_lives(wire, body):
    answer, content, first = wire("PutItem", body)
    assert answer.status == 400
    assert json.loads(content)["__type"].endswith(("SerializationException", "ValidationException"))
    assert wire("PutItem", body)[2] is first


def test_fault_of_the_front_is_answered_without_its_details(wire, monkeypatch):
    def broken(*_):
        raise RuntimeError("secret")

    monkeypatch.setitem(operations.OPERATIONS, "Scan", broken)
    answer, content, _ = wire("Scan", "{}")
    assert answer.status == 500
    assert json.loads(content)["__type"].endswith("#InternalServerError")
    assert b"secret" not in content


def test_guard_may_refuse_an_operation(wire, table, monkeypatch):
    seen = []

    def guard(name, session, request):
        seen.append((name, session.region, request["TableName"]))
        raise Refusal("no")

    monkeypatch.setattr(operations, "guards", [guard])
    answer, _, _ = wire("Scan", json.dumps({"TableName": table}))
    assert (answer.status, seen) == (400, [("Scan", "us-east-1", table)])


def test_regions_are_apart(endpoint, table):
    there = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    with pytest.raises(there.exceptions.ResourceNotFoundException):
        there.scan(TableName=table)


@pytest.mark.usefixtures("endpoint")
def test_in_process_mock_uses_the_front_too():
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-west-2")
        client.create_table(
            TableName="in-process",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        client.put_item(TableName="in-process", Item={"pk": {"S": "a"}, "n": {"N": "1.0"}})
        assert client.scan(TableName="in-process")["Items"] == [{"pk": {"S": "a"}, "n": {"N": "1"}}]
