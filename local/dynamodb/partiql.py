"""PartiQL's INSERT, alone and in batches; with parameters moto's crashes, and it overwrites.

Only INSERT is read: the product uses no other statement, and refusing the rest is honest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from local.dynamodb import capacity
from local.dynamodb.actions import Action
from local.dynamodb.capacity import Bill
from local.dynamodb.refusals import Duplicate, Invalid, Refusal
from local.dynamodb.storage import Record
from local.dynamodb.tables import LOCK, Session

_MAX_STATEMENTS = 25
_MAX_LENGTH = 8192
_INSERT = re.compile(
    r"""\s*INSERT\s+INTO\s+(?:"([A-Za-z0-9_.\-]+)"|([A-Za-z0-9_.\-]+))\s+VALUE\s+(\{.*\})\s*;?\s*""",
    re.IGNORECASE | re.DOTALL,
)
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[A-Za-z]+)|(?P<sign><<|>>|[{}\[\],:?]))"
)
_WORDS: dict[str, dict[str, Any]] = {
    "TRUE": {"BOOL": True}, "FALSE": {"BOOL": False}, "NULL": {"NULL": True},
}  # fmt: skip

Builder = Callable[[list[Any]], dict[str, Any]]


def execute_statement(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Insert one item where none is."""
    detail = capacity.detail_of(request)
    bill = Bill("write")
    table = _insert(session, request, bill)
    answer: dict[str, Any] = {"Items": []}
    if detail:
        answer["ConsumedCapacity"] = bill.report(table, detail)
    return answer


def batch_execute_statement(session: Session, request: dict[str, Any]) -> dict[str, Any]:
    """Insert up to 25 items, each on its own; the answer tells which could not be inserted."""
    detail = capacity.detail_of(request)
    statements = request.get("Statements")
    if not isinstance(statements, list) or not 1 <= len(statements) <= _MAX_STATEMENTS:
        side = "less than or equal to 25" if statements else "greater than or equal to 1"
        raise Invalid(
            "1 validation error detected: Value at 'statements' failed to satisfy constraint: "
            f"Member must have length {side}"
        )
    bill = Bill("write")
    answer: dict[str, Any] = {"Responses": [_respond(session, one, bill) for one in statements]}
    if detail:
        answer["ConsumedCapacity"] = bill.reports(detail)
    return answer


def execute_transaction(_session: Session, _request: dict[str, Any]) -> dict[str, Any]:
    """Refuse: moto's would find no items, and nothing here needs it."""
    raise Invalid("The local cloud has no ExecuteTransaction; use TransactWriteItems")


def _respond(session: Session, statement: dict[str, Any], bill: Bill) -> dict[str, Any]:
    try:
        return {"TableName": _insert(session, statement, bill)}
    except Refusal as refusal:
        error: dict[str, Any] = {"Code": refusal.short, "Message": refusal.message}
        wanted = statement.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        if isinstance(refusal, Duplicate) and wanted:
            error.update(refusal.members)
        return {"Error": error}


def _insert(session: Session, statement: dict[str, Any], bill: Bill) -> str:
    table, build = parse(str(statement.get("Statement") or ""))
    opened = session.open(table, ("PartiQLInsert",))
    record = opened.read_item(build(list(statement.get("Parameters") or ())))
    place = opened.schema.place(record.attributes)
    action = Action(opened, place, lambda _old: record, None, {}, show_on_failure=False)
    with LOCK:
        _refuse_present(action, bill)
        write = action.decide()
        write.charge(bill)
        write.do()
    return opened.name


def _refuse_present(action: Action, bill: Bill) -> None:
    held: Record | None = action.held()
    if held is not None:
        bill.add(action.opened.name, capacity.write_units(held))
        raise Duplicate(held.attributes)


@lru_cache(maxsize=1024)
def parse(statement: str) -> tuple[str, Builder]:
    """Read an INSERT: the table, and what makes its item of the parameters."""
    if not 1 <= len(statement) <= _MAX_LENGTH:
        raise Invalid(
            "1 validation error detected: Value at 'statement' failed to satisfy constraint: "
            f"Member must have length between 1 and {_MAX_LENGTH}"
        )
    match = _INSERT.fullmatch(statement)
    if match is None:
        raise Invalid(
            "Statement wasn't well formed, can't be processed: the local cloud reads "
            "INSERT INTO ... VALUE {...} only"
        )
    literal = _Literal(match.group(3))
    value = literal.value()
    literal.finish()
    expected = literal.parameters

    def build(parameters: list[Any]) -> dict[str, Any]:
        if len(parameters) != expected:
            raise Invalid("Number of parameters in request and statement don't match.")
        item: dict[str, Any] = value(parameters)["M"]
        return item

    return match.group(1) or match.group(2), build


class _Literal:
    """Reads a PartiQL literal into a function of the parameters."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.parameters = 0

    def value(self) -> Builder:
        """Read one value."""
        kind, word = self._next()
        if kind == "text":
            return self._constant({"S": word[1:-1].replace("''", "'")})
        if kind == "number":
            return self._constant({"N": word})
        if kind == "word" and word.upper() in _WORDS:
            return self._constant(_WORDS[word.upper()])
        if word == "?":
            position = self.parameters
            self.parameters += 1
            return lambda given: given[position]
        if word == "{":
            return self._map()
        if word == "[":
            parts = self._several("]")
            return lambda given: {"L": [part(given) for part in parts]}
        if word == "<<":
            parts = self._several(">>")
            return lambda given: _set([part(given) for part in parts])
        raise self._error(word)

    def finish(self) -> None:
        """Refuse what is left over."""
        if self._text[self._at :].strip():
            raise self._error(self._text[self._at :].strip()[:1])

    def _constant(self, value: dict[str, Any]) -> Builder:
        return lambda _given: value

    def _map(self) -> Builder:
        members: dict[str, Builder] = {}
        while True:
            kind, word = self._next()
            if kind != "text" or self._next()[1] != ":":
                raise self._error(word)
            name = word[1:-1].replace("''", "'")
            if name in members:
                raise Invalid(f"Statement wasn't well formed: duplicate attribute {name}")
            members[name] = self.value()
            sign = self._next()[1]
            if sign == "}":
                return lambda given: {"M": {k: make(given) for k, make in members.items()}}
            if sign != ",":
                raise self._error(sign)

    def _several(self, end: str) -> list[Builder]:
        parts = []
        while True:
            parts.append(self.value())
            sign = self._next()[1]
            if sign == end:
                return parts
            if sign != ",":
                raise self._error(sign)

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise self._error(self._text[self._at : self._at + 1])
        self._at = match.end()
        return str(match.lastgroup), match.group().lstrip()

    def _error(self, word: str) -> Invalid:
        return Invalid(f"Statement wasn't well formed, can't be processed: Unexpected {word!r}")


def _set(members: list[dict[str, Any]]) -> dict[str, Any]:
    kinds = {next(iter(member)) for member in members}
    if len(kinds) != 1 or not kinds <= {"S", "N", "B"}:
        raise Invalid("A set literal holds strings, numbers or binaries, all of one type")
    (kind,) = kinds
    return {f"{kind}S": [member[kind] for member in members]}
