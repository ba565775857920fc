"""What decisions rest on is asked for by strong reads; no engine of the tests ever reads late."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from shared.aws.control_table import ControlTable
from shared.aws.dynamodb_references import DynamoReferences
from shared.aws.dynamodb_tables import DynamoTables
from shared.aws.exclusion_parts import parts
from shared.aws.ledger_table import LedgerTable
from shared.memory.clock import MemoryClock
from shared.model.item import Item, encode
from shared.model.key import Key
from shared.model.writes import Side
from tests.contract.engines import example_migration, example_reference

MIGRATION = example_migration()
A, B = Key("a", "PROFILE"), Key(Decimal(1))


class Asked:
    """A client that notes each read, and at first leaves something to be asked for again."""

    def __init__(self, *items: Item) -> None:
        self._items = [encode(each) for each in items]
        self.noted: list[bool | None] = []

    def get_item(self, **request: Any) -> dict[str, Any]:
        self._note(request)
        return {}

    def batch_get_item(self, **request: Any) -> dict[str, Any]:
        ((table, wanted),) = request["RequestItems"].items()
        self._note(wanted)
        again = {} if len(self.noted) > 1 else {table: {"Keys": wanted["Keys"][:1]}}
        return {"Responses": {}, "UnprocessedKeys": again}

    def transact_get_items(self, **request: Any) -> dict[str, Any]:
        self.noted.append(True)  # it takes no flag: it is never anything less
        return {"Responses": [{} for _ in request["TransactItems"]]}

    def query(self, **request: Any) -> dict[str, Any]:
        self._note(request)
        return {"Items": self._items} if len(self.noted) > 1 else self._begun()

    def scan(self, **request: Any) -> dict[str, Any]:
        self._note(request)
        return self._begun()

    def _begun(self) -> dict[str, Any]:
        return {"Items": [], "LastEvaluatedKey": encode({"PK": "a", "SK": "PROFILE"})}

    def _note(self, request: dict[str, Any]) -> None:
        self.noted.append(request.get("ConsistentRead"))


def tables(client: Asked) -> DynamoTables:
    return DynamoTables(client, MIGRATION, MemoryClock())


def read_control(client: Asked) -> object:
    return ControlTable(client, "control", "ledger", MemoryClock()).read("m")


def references(client: Asked) -> DynamoReferences:
    return DynamoReferences(client, example_reference(MIGRATION))


Read = Callable[[Asked], object]
DATA: dict[str, tuple[Read, int]] = {
    "an item": (lambda client: tables(client).get(Side.SOURCE, A), 1),
    "items, some of them later": (lambda client: tables(client).get_many(Side.SOURCE, [A]), 2),
    "both items at one moment": (
        lambda client: tables(client).get_together([(Side.SOURCE, A), (Side.TARGET, B)]),
        1,
    ),
    "a page": (lambda client: _scanned(client, strong=True), 1),
    "the control item": (read_control, 1),
    "what records refer to, page after page": (lambda client: references(client).partition("a"), 2),
}

LedgerRead = Callable[[LedgerTable], object]
LEDGER: dict[str, tuple[LedgerRead, int]] = {
    "a run": (lambda ledger: ledger.load("r"), 1),
    "who holds a lock": (lambda ledger: ledger.holder("m", "backfill"), 1),
    "the runs": (lambda ledger: ledger.runs("m", 9), 2),
    "a checkpoint": (lambda ledger: ledger.segment("r", "0"), 1),
    "all checkpoints": (lambda ledger: ledger.segments("r"), 2),
    "the findings": (lambda ledger: list(ledger.findings("r")), 2),
    "an approval": (lambda ledger: ledger.approval("m", "READ_N"), 1),
    "who waits for one": (lambda ledger: ledger.waiter("m", "READ_N"), 1),
    "counted reads": (lambda ledger: ledger.reads_counted("m", 9), 2),
}


def _scanned(client: Asked, *, strong: bool) -> object:
    return tables(client).scan(Side.SOURCE, 0, 1, None, 10, strong=strong)


@pytest.mark.parametrize(("read", "requests"), DATA.values(), ids=DATA)
def test_what_a_decision_rests_on_is_read_strongly_in_every_request(
    read: Read, requests: int
) -> None:
    client = Asked()
    read(client)
    assert client.noted == [True] * requests


@pytest.mark.parametrize(("read", "requests"), LEDGER.values(), ids=LEDGER)
def test_what_the_ledger_decides_by_is_read_strongly_in_every_request(
    read: LedgerRead, requests: int
) -> None:
    client = Asked()
    read(LedgerTable(client, "ledger", "m", MemoryClock()))
    assert client.noted == [True] * requests


def test_the_excluded_keys_are_read_strongly_in_every_request() -> None:
    client = Asked(*parts("p", {"a", "b"}))
    ledger = LedgerTable(client, "ledger", "m", MemoryClock())
    assert ledger.keys("m", "digest") == {"a", "b"}
    assert client.noted == [True, True]


def test_a_page_that_need_not_be_the_newest_is_asked_for_at_half_the_price() -> None:
    client = Asked()
    _scanned(client, strong=False)
    assert client.noted == [False]
