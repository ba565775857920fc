"""Loads a file of records into a table of the local cloud, as an old writer would: plain puts.

A line is plain JSON (functions/serve_records/json_values.py says how binary and sets are
written there) or DynamoDB JSON, bare or under `Item` as exports have it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3

from functions.serve_records.json_values import read_json
from local.places import REGION, endpoint
from shared.aws.errors import translated
from shared.model.declaration import TableDeclaration
from shared.model.errors import InvalidInput
from shared.model.item import ITEM_LIMIT_BYTES, Item, decode, encode, size
from shared.model.key import Key

BATCH = 25
"""Puts of one BatchWriteItem call (AWS API reference)."""

_TEXTS = {"S": str, "N": str, "B": str, "BOOL": bool, "NULL": bool}
_SETS = ("SS", "NS", "BS")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be loaded, counted from 1, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Seeds:
    """The records of a file, and its lines that hold none."""

    items: list[Item]
    bad: list[BadLine]


def read_seeds(file: Path, table: TableDeclaration) -> Seeds:
    """Check every line of a file against a table's keys and DynamoDB's limits.

    Raises InvalidInput when the file cannot be read at all.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise InvalidInput(
            f"{file} cannot be read: {error.strerror or error}",
            field="FILE",
            mend="name a file with one JSON object on each line",
        ) from error
    seeds, seen = Seeds([], []), dict[Key, int]()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = _checked(read_line(line), table)
            first = seen.setdefault(table.keys.key_of(item), number)
            if first != number:
                raise InvalidInput(f"the same key as line {first}")
        except InvalidInput as error:
            seeds.bad.append(BadLine(number, error.message))
        else:
            seeds.items.append(item)
    return seeds


def read_line(line: bytes) -> Item:
    """Return the record on one line; raise InvalidInput saying what is wrong with it."""
    try:
        text = line.decode("utf-8-sig")
        document = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except UnicodeDecodeError as error:
        raise InvalidInput(f"not UTF-8: byte {error.start + 1}") from error
    except json.JSONDecodeError as error:
        raise InvalidInput(f"not JSON: {error.msg} at column {error.colno}") from error
    except (ArithmeticError, RecursionError) as error:
        raise InvalidInput(f"not JSON that DynamoDB can hold: {error}") from error
    if not isinstance(document, dict):
        raise InvalidInput("not a JSON object")
    exported = document["Item"] if set(document) == {"Item"} else document
    if not isinstance(exported, dict) or not all(map(_is_typed, exported.values())):
        return read_json(text)
    try:
        return decode(exported)
    except (ValueError, ArithmeticError) as error:
        raise InvalidInput(f"not DynamoDB JSON: {error}") from error


def load(items: Sequence[Item], table: str, port: int, progress: Callable[[int], None]) -> None:
    """Put all records into a table of the local cloud, telling how many are done.

    Raises TableGone when there is no such table.
    """
    dynamodb = boto3.client(
        "dynamodb",
        endpoint_url=endpoint(port),
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",  # noqa: S106 - the local cloud takes any credentials
    )
    with translated(writes=True):
        for done, batch in _batches(items):
            left = {table: [{"PutRequest": {"Item": encode(item)}} for item in batch]}
            while left:
                left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems", {})
            progress(done)


def _batches(items: Sequence[Item]) -> Iterator[tuple[int, Sequence[Item]]]:
    """Yield batches, each with how many items are done after it."""
    for start in range(0, len(items), BATCH):
        batch = items[start : start + BATCH]
        yield start + len(batch), batch


def _checked(item: Item, table: TableDeclaration) -> Item:
    """Return an item that the table will take; raise InvalidInput for any other."""
    table.keys.key_of(item)
    for index in table.indexes:
        for name in index.keys.names:
            if name in item:
                index.keys.check(name, item[name])
    encode(item)
    if size(item) > ITEM_LIMIT_BYTES:
        raise InvalidInput(f"{size(item):,} bytes; an item holds at most {ITEM_LIMIT_BYTES:,}")
    return item


def _is_typed(value: Any) -> bool:
    """Tell whether a value is DynamoDB JSON: a map of one type, holding what that type holds."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    ((kind, body),) = value.items()
    if kind in _TEXTS:
        return isinstance(body, _TEXTS[kind])
    if kind in _SETS:
        return isinstance(body, list) and bool(body) and all(isinstance(each, str) for each in body)
    if kind == "L":
        return isinstance(body, list) and all(_is_typed(each) for each in body)
    return kind == "M" and isinstance(body, dict) and all(_is_typed(each) for each in body.values())
