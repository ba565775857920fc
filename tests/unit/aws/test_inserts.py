"""Insert-only batches against a client whose answers are written out."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.aws.dynamodb_inserts import Inserts
from shared.aws.patience import ATTEMPTS
from shared.memory.clock import MemoryClock
from shared.model.declaration import TableDeclaration
from shared.model.errors import OutcomeUnknown, Refused, TableGone, Throttled
from shared.model.item import Item
from shared.model.key import KeySchema
from shared.ports import Insert, InsertResult

TABLE = TableDeclaration("t", KeySchema("PK"))
A, B = {"PK": "a"}, {"PK": "b"}


def code(text: str) -> dict[str, Any]:
    return {"Error": {"Code": text, "Message": "why"}}


class Scripted:
    """A client that gives answers in turn and remembers what it was asked."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []

    def batch_execute_statement(self, **request: Any) -> Any:
        return self._next([each["Parameters"][0]["S"] for each in request["Statements"]])

    def put_item(self, **request: Any) -> Any:
        return self._next(request["Item"]["PK"]["S"])

    def _next(self, asked: Any) -> Any:
        self.asked.append(asked)
        answer = self.answers.pop(0)
        if isinstance(answer, str):
            response: Any = {**code(answer), "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(response, "x")
        if isinstance(answer, list):
            return {"Responses": answer, "ConsumedCapacity": [{"CapacityUnits": 1.0}]}
        return answer


def insert(client: Scripted, *items: Item) -> tuple[InsertResult, MemoryClock]:
    clock = MemoryClock()
    return Inserts(client, TABLE, clock).insert(items), clock


def outcomes(result: InsertResult) -> list[Insert]:
    return [each.result for each in result.outcomes]


def test_throttled_statements_are_sent_again_after_a_wait_and_only_they() -> None:
    client = Scripted(
        [{}, code("ProvisionedThroughputExceeded")],
        [code("TransactionConflict")],
        [code("InternalServerError")],
        [code("DuplicateItem")],
    )
    result, clock = insert(client, A, B)
    assert outcomes(result) == [Insert.WRITTEN, Insert.PRESENT]
    assert client.asked == [["a", "b"], ["b"], ["b"], ["b"]]
    assert clock.monotonic() == pytest.approx(0.05 + 0.1 + 0.2)
    assert result.units == 4.0


def test_statement_that_stays_throttled_raises_in_the_end() -> None:
    client = Scripted(*[[code("ThrottlingError")]] * ATTEMPTS)
    with pytest.raises(Throttled):
        insert(client, A)
    assert len(client.asked) == ATTEMPTS


def test_batch_that_is_throttled_whole_is_sent_again() -> None:
    client = Scripted("ThrottlingException", [{}])
    assert outcomes(insert(client, A)[0]) == [Insert.WRITTEN]


def test_batch_that_is_refused_whole_is_put_item_by_item() -> None:
    client = Scripted("ValidationException", {}, "ValidationException")
    result, _ = insert(client, A, B)
    assert outcomes(result) == [Insert.WRITTEN, Insert.REFUSED]
    assert client.asked == [["a", "b"], "a", "b"]
    assert result.outcomes[1].reason == "why"


def test_statement_that_is_refused_gives_its_reason() -> None:
    for name in ("ValidationError", "ItemCollectionSizeLimitExceeded"):
        (outcome,) = insert(Scripted([code(name)]), A)[0].outcomes
        assert (outcome.result, outcome.reason) == (Insert.REFUSED, "why")


@pytest.mark.parametrize(
    ("name", "kind"),
    [("AccessDenied", Refused), ("ResourceNotFound", TableGone), ("Unheard", Refused)],
)
def test_statement_that_no_retry_mends_raises(name: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        insert(Scripted([code(name)]), A)


def test_batch_whose_answer_is_lost_raises_unknown() -> None:
    with pytest.raises(OutcomeUnknown):
        insert(Scripted("InternalServerError"), A)


def test_item_that_no_statement_can_name_is_put() -> None:
    odd = {"PK": "odd", "a name": "x"}
    client = Scripted([{}], {"ConsumedCapacity": {"CapacityUnits": 2.0}})
    result, _ = insert(client, odd, A)
    assert outcomes(result) == [Insert.WRITTEN, Insert.WRITTEN]
    assert client.asked == [["a"], "odd"]
    assert result.units == 3.0


def test_put_that_is_throttled_or_contended_is_sent_again() -> None:
    odd = {"PK": "odd", "a name": "x"}
    client = Scripted(
        "ProvisionedThroughputExceededException",
        "TransactionConflictException",
        "ConditionalCheckFailedException",
    )
    assert outcomes(insert(client, odd)[0]) == [Insert.PRESENT]


def test_batches_have_at_most_25_statements_and_no_key_twice() -> None:
    items = [{"PK": f"k{n}"} for n in range(30)] + [{"PK": "k29"}]
    client = Scripted([{}] * 25, [{}] * 5, [code("DuplicateItem")])
    result, _ = insert(client, *items)
    assert [len(asked) for asked in client.asked] == [25, 5, 1]
    assert outcomes(result) == [Insert.WRITTEN] * 30 + [Insert.PRESENT]
