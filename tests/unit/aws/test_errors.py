"""Every answer of AWS becomes an error of our tree, and nothing foreign leaks."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from shared.aws.errors import translated
from shared.model.errors import (
    ConditionFailed,
    Contended,
    InvalidInput,
    OutcomeUnknown,
    Refused,
    StoreError,
    TableGone,
    Throttled,
)


def answer(code: str, status: int = 400, **members: Any) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "why"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **members,
    }
    return ClientError(response, "PutItem")


def cancelled(*codes: str) -> ClientError:
    reasons = [{"Code": code, "Message": "why"} for code in codes]
    return answer("TransactionCanceledException", CancellationReasons=reasons)


def raised(error: Exception, *, writes: bool = True) -> StoreError:
    with pytest.raises(StoreError) as caught, translated(writes=writes):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ConditionalCheckFailedException", ConditionFailed),
        ("ProvisionedThroughputExceededException", Throttled),
        ("ThrottlingException", Throttled),
        ("RequestLimitExceeded", Throttled),
        ("TransactionConflictException", Contended),
        ("ResourceInUseException", Contended),
        ("PolicyNotFoundException", Contended),
        ("ResourceNotFoundException", TableGone),
        ("TableNotFoundException", TableGone),
        ("ValidationException", Refused),
        ("IdempotentParameterMismatchException", Refused),
        ("AccessDeniedException", Refused),
        ("ItemCollectionSizeLimitExceededException", Refused),
        ("NobodyKnowsThisOne", Refused),
        ("TransactionInProgressException", OutcomeUnknown),
    ],
)
def test_code_is_translated(code: str, kind: type[StoreError]) -> None:
    error = raised(answer(code))
    assert type(error) is kind
    assert code in error.message


@pytest.mark.parametrize(
    "lost",
    [
        answer("InternalServerError", 500),
        answer("ServiceUnavailable", 503),
        answer("", 502),
        ReadTimeoutError(endpoint_url="x"),
        ConnectTimeoutError(endpoint_url="x"),
        ConnectionClosedError(endpoint_url="x"),
        EndpointConnectionError(endpoint_url="x"),
    ],
    ids=lambda error: type(error).__name__ + str(error),
)
def test_lost_answer_is_unknown_for_a_write_and_to_be_repeated_for_a_read(
    lost: Exception,
) -> None:
    assert type(raised(lost, writes=True)) is OutcomeUnknown
    assert type(raised(lost, writes=False)) is Throttled


@pytest.mark.parametrize("unsent", [NoCredentialsError(), ParamValidationError(report="bad")])
def test_request_that_was_never_sent_is_refused(unsent: Exception) -> None:
    assert type(raised(unsent)) is Refused


def test_value_without_a_form_in_dynamodb_is_refused_by_its_field() -> None:
    error = raised(InvalidInput("no float", field="f", mend="m"))
    assert (type(error), error.field, error.mend) == (Refused, "f", "m")


def test_errors_of_ours_and_of_python_pass_through() -> None:
    for error in (TableGone("x"), KeyError("y")):
        with pytest.raises(type(error)), translated(writes=True):
            raise error


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (("None", "TransactionConflict"), Contended),
        (("ThrottlingError", "None"), Throttled),
        (("ProvisionedThroughputExceeded",), Throttled),
        (("ThrottlingError", "TransactionConflict"), Contended),
        (("TransactionConflict", "ValidationError"), Refused),
        (("ItemCollectionSizeLimitExceeded", "None"), Refused),
        (("AccessDenied",), Refused),
        (("ResourceNotFound", "ThrottlingError"), TableGone),
        (("InternalServerError",), OutcomeUnknown),
        (("None", "None"), OutcomeUnknown),
        ((), OutcomeUnknown),
    ],
)
def test_cancelled_transaction_is_what_its_gravest_reason_says(
    codes: tuple[str, ...], kind: type[StoreError]
) -> None:
    assert type(raised(cancelled(*codes))) is kind


def test_cancelled_transaction_names_every_failed_condition() -> None:
    failed, none = "ConditionalCheckFailed", "None"
    error = raised(cancelled(none, failed, "TransactionConflict", failed))
    assert isinstance(error, ConditionFailed)
    assert error.failed == (1, 3)
