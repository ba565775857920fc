"""Loading a file of records into a table of the local cloud."""

import base64
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer
from rich.console import Console
from typer.testing import CliRunner

from cli.main import application
from cli.views.local_cloud import deployed_view
from local.lifecycle import ApiStatus, FunctionStatus, LocalStatus
from local.places import Places, Running
from local.seeding import read_line, read_seeds
from migrations.personnel.migration import V1
from shared.model.errors import InvalidInput
from shared.model.item import decode
from tests.in_place import toy

GOOD = {"PK": "EMPLOYEE#1", "SK": "PROFILE", "full_name": "Ada"}


def seed_file(tmp_path: Path, *lines: object) -> Path:
    file = tmp_path / "people.jsonl"
    file.write_text(
        "\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines)
    )
    return file


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let a moto server be the local cloud that runs."""
    server = ThreadedMotoServer(port=0)
    server.start()
    number = server.get_host_and_port()[1]
    reset = Request(f"http://localhost:{number}/moto-api/reset", method="POST")
    urlopen(reset).close()  # noqa: S310 - our own server; moto keeps tables for a process
    monkeypatch.setattr("cli.commands.local_cloud.Places", lambda: Places(tmp_path))
    lock = Places(tmp_path).hold(Running(os.getpid(), number, "moto"))
    assert lock is not None
    with lock:
        yield number
    server.stop()


def table_of(port: int) -> Any:
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=f"http://localhost:{port}",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    names = ("PK", "SK")
    dynamodb.create_table(
        TableName=V1.name,
        KeySchema=[
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(names, ("HASH", "RANGE"), strict=True)
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb


def seed(*words: str) -> Any:
    arguments = ["local", "seed", *words, "--migration", "personnel", "--json"]
    return CliRunner().invoke(application(), arguments)


def test_a_table_when_the_migration_declares_none_of_the_kind_expects_a_refusal(
    tmp_path: Path, port: int
) -> None:
    answer = seed(str(seed_file(tmp_path, GOOD)), "--table", "reference")
    told = json.loads(answer.stdout)["error"]
    assert answer.exit_code == 2
    assert "declares no reference table" in told["message"]
    assert told["mend"] == "use one of source, target"


def test_a_reference_when_a_migration_declares_one_can_be_seeded() -> None:
    assert toy.MIGRATION.declared_tables == {"source": toy.NOTES, "reference": toy.AUTHORS}
    alone = replace(toy.MIGRATION, reference=None)
    assert alone.declared_tables == {"source": toy.NOTES}


def test_plain_json_when_read_expects_exact_numbers_binary_and_sets() -> None:
    binary = base64.b64encode(b"\x00\xff").decode()
    line = (
        '{"PK": "a", "pay": 12345678901234567890.1234567890123456, "on": true, "none": null,'
        f' "badge": {{"$binary": "{binary}"}}, "tags": {{"$set": ["x", "y"]}}, "list": [1, ""]}}'
    )
    assert read_line(line.encode()) == {
        "PK": "a",
        "pay": Decimal("12345678901234567890.1234567890123456"),
        "on": True,
        "none": None,
        "badge": b"\x00\xff",
        "tags": frozenset({"x", "y"}),
        "list": [Decimal(1), ""],
    }


def test_dynamodb_json_when_read_bare_or_exported_expects_the_same_record() -> None:
    typed = {"PK": {"S": "a"}, "pay": {"N": "1.50"}, "tags": {"SS": ["x"]}, "none": {"NULL": True}}
    for document in (typed, {"Item": typed}):
        assert read_line(json.dumps(document).encode()) == {
            "PK": "a",
            "pay": Decimal("1.50"),
            "tags": frozenset({"x"}),
            "none": None,
        }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{not json", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"PK": "\xff"}', "not UTF-8"),
        (b'{"PK": NaN}', "NaN"),
        (b'{"PK": "a", "PK": "b"}', "twice"),
        (b'{"PK": {"N": "abc"}}', "not DynamoDB JSON"),
        (b'{"PK": {"B": "%%%"}}', "not DynamoDB JSON"),
    ],
)
def test_a_line_when_it_holds_no_record_expects_the_reason(line: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_line(line)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"full_name": "no key"}, "PK"),
        ({**GOOD, "PK": 7}, "PK"),
        ({**GOOD, "full_name": ""}, "full_name"),
        ({**GOOD, "project_id": 5}, "project_id"),
        ({**GOOD, "long": "x" * 410_000}, "bytes"),
    ],
)
def test_a_record_when_the_table_would_refuse_it_expects_its_line_and_why(
    tmp_path: Path, record: dict[str, Any], words: str
) -> None:
    seeds = read_seeds(seed_file(tmp_path, {**GOOD, "PK": "EMPLOYEE#0"}, "", record), V1)
    assert len(seeds.items) == 1
    (bad,) = seeds.bad
    assert bad.number == 3
    assert words in bad.reason


def test_a_key_when_given_twice_expects_the_second_line_to_be_bad(tmp_path: Path) -> None:
    (bad,) = read_seeds(seed_file(tmp_path, GOOD, {**GOOD, "email": "x"}), V1).bad
    assert (bad.number, bad.reason) == (2, "the same key as line 1")


def test_seed_when_all_is_well_expects_every_record_in_the_table(port: int, tmp_path: Path) -> None:
    table = table_of(port)
    records = [{**GOOD, "PK": f"EMPLOYEE#{number}"} for number in range(60)]
    result = seed(str(seed_file(tmp_path, *records)))
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["loaded"] == 60
    stored = [decode(item)["PK"] for item in table.scan(TableName=V1.name)["Items"]]
    assert sorted(stored) == sorted(record["PK"] for record in records)


def test_seed_when_a_line_is_bad_expects_nothing_loaded_and_exit_1(
    port: int, tmp_path: Path
) -> None:
    table = table_of(port)
    result = seed(str(seed_file(tmp_path, GOOD, "{")))
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["loaded"] == 0
    assert [each["line"] for each in told["bad"]] == [2]
    assert table.scan(TableName=V1.name)["Count"] == 0


def test_seed_when_bad_lines_are_skipped_expects_the_good_ones_and_exit_1(
    port: int, tmp_path: Path
) -> None:
    table = table_of(port)
    result = seed(str(seed_file(tmp_path, GOOD, "{")), "--skip-bad")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["loaded"] == 1
    assert table.scan(TableName=V1.name)["Count"] == 1


@pytest.mark.usefixtures("port")
def test_seed_when_the_table_is_not_there_expects_exit_1_and_the_mend(tmp_path: Path) -> None:
    result = seed(str(seed_file(tmp_path, GOOD)))
    assert result.exit_code == 1
    assert "local deploy" in json.loads(result.stdout)["error"]["mend"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("missing.jsonl", "--migration", "personnel"), "FILE"),
        (("x", "--migration", "no"), "migration"),
    ],
)
def test_seed_when_the_file_or_the_migration_is_unknown_expects_exit_2(
    words: tuple[str, ...], field: str
) -> None:
    result = CliRunner().invoke(application(), ["local", "seed", *words, "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["field"] == field


def test_env_when_the_local_cloud_runs_expects_exports_for_a_shell(port: int) -> None:
    result = CliRunner().invoke(application(), ["local", "env"])
    assert f"export AWS_ENDPOINT_URL=http://localhost:{port}" in result.stdout.splitlines()
    assert all(line.startswith("export AWS_") for line in result.stdout.splitlines())


def test_the_local_verbs_when_no_cloud_runs_expects_exit_2_and_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.commands.local_cloud.Places", lambda: Places(tmp_path))
    good = str(seed_file(tmp_path, GOOD))
    for words in (["env"], ["deploy"], ["seed", good, "--migration", "personnel"]):
        result = CliRunner().invoke(application(), ["local", *words])
        assert result.exit_code == 2
        assert "cutover local up" in result.stderr


def test_deploy_when_it_is_done_expects_where_the_apis_answer_and_what_else_is_there() -> None:
    names = ("cutover-a", "cutover-of-a-long-name")
    found = LocalStatus(
        running=True,
        apis=[ApiStatus(id="x", name=name, endpoint="http://localhost:1") for name in names],
        functions=[FunctionStatus(name="f", worker_pids=[], invocations=0, errors=0)],
    )
    told = StringIO()
    Console(file=told, width=80).print(deployed_view(found))
    begin = {line.index("http") for line in told.getvalue().splitlines() if "http" in line}
    assert len(begin) == 1, "the APIs stand below each other"
    assert "0 state machines and 1 function deployed" in told.getvalue()
