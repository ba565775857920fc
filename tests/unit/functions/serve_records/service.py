"""The API of the personnel migration over records in RAM, called as API Gateway calls it."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from functions.serve_records.application import Serving, build
from functions.serve_records.cursors import Cursors
from functions.serve_records.observation import Observation
from migrations.personnel.migration import API, MIGRATION
from shared.engine.meter import Meter
from shared.engine.records import Record, RecordPage, Seen
from shared.model.declaration import Search
from shared.model.errors import AlreadyExists, NotFound, VersionConflict
from shared.model.item import Item, Value
from shared.model.key import Key

CONTEXT = SimpleNamespace(
    function_name="serve_records",
    memory_limit_in_mb=128,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:serve_records",
    aws_request_id="lambda-request",
)


LIFE = "0123abcd"


class StoredRecords:
    """What the handlers need of the engine, over a dict; `broken` is raised by every call."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.stored: dict[Key, Record] = {}
        self.broken: Exception | None = None
        self.searched: list[tuple[Search, dict[str, str], Any, int]] = []
        self.page_end: dict[str, Any] | None = None

    def new_id(self) -> str:
        return "fresh"

    def create(self, item: Item, key: Key) -> Record:
        self._work()
        if key in self.stored:
            raise AlreadyExists("there is a record with this key", field="employee_id")
        self.stored[key] = Record(item, 1, LIFE)
        return self.stored[key]

    def get(self, key: Key) -> Record:
        self._work()
        if key not in self.stored:
            raise NotFound("there is no record with this key")
        return self.stored[key]

    def update(
        self, key: Key, changes: Mapping[str, Value], remove: tuple[str, ...], expected: Seen | None
    ) -> Record:
        old = self.get(key)
        if expected not in (None, Seen(old.version), Seen(old.version, old.life)):
            raise VersionConflict("the record has another version", mend="read it again")
        kept = {name: value for name, value in old.item.items() if name not in remove}
        self.stored[key] = Record({**kept, **changes}, old.version + 1, old.life)
        return self.stored[key]

    def delete(self, key: Key, expected: Seen | None) -> None:
        self.update(key, {}, (), expected)
        del self.stored[key]

    def search(
        self, search: Search, values: Mapping[str, str], cursor: Any, limit: int
    ) -> RecordPage:
        self._work()
        self.searched.append((search, dict(values), cursor, limit))
        return RecordPage(list(self.stored.values())[:limit], self.page_end)

    def _work(self) -> None:
        if self.broken is not None:
            raise self.broken


@dataclass
class Answer:
    """An answer with its body read back, numbers as Decimal."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text, parse_float=Decimal, parse_int=Decimal)


@dataclass
class Service:
    """The API, and the records behind it: made up here, or the engine's own."""

    records: Any = field(default_factory=StoredRecords)

    def __post_init__(self) -> None:
        observation = Observation("personnel", self.records.meter)
        cursors = Cursors(lambda: "a secret")
        serving = Serving(MIGRATION, API, self.records, cursors)
        self._serve = observation.of(build(serving, observation))

    def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        encoded: bytes | None = None,
        caller: str | None = None,
    ) -> Answer:
        request = event(method, url, body, headers, encoded)
        if caller is not None:
            claims = {"sub": caller, "scope": "user"}
            request["requestContext"]["authorizer"] = {"jwt": {"claims": claims}}
        return self.send(request)

    def send(self, request: dict[str, Any]) -> Answer:
        """Answer an event as API Gateway would make it."""
        raw = self._serve(request, CONTEXT)  # type: ignore[arg-type]
        return Answer(raw["statusCode"], raw["headers"], raw["body"])


def event(
    method: str,
    url: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    encoded: bytes | None = None,
) -> dict[str, Any]:
    """Return a request as an HTTP API sends it (payload format 2.0): the path comes decoded."""
    parts = urlsplit(url)
    query: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    if encoded is not None:
        text = base64.b64encode(encoded).decode()
    path = unquote(parts.path)
    return {
        "version": "2.0",
        "routeKey": f"{method} {parts.path}",
        "rawPath": path,
        "rawQueryString": parts.query,
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": {
            "requestId": "request-1",
            "stage": "$default",
            "http": {"method": method, "path": path},
        },
        "isBase64Encoded": encoded is not None,
        **({"queryStringParameters": query} if query else {}),
        **({"body": text} if text is not None else {}),
    }
