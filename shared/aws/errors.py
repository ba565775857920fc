"""AWS's error codes, translated in one place into the tree of shared/model/errors.py.

An answer that was lost (timeout, broken connection, HTTP 5xx) is OutcomeUnknown for a write.
For a read nothing can have changed, so it is Throttled: slow down and read again. A refused
connection counts as lost too: botocore does not tell how far a request got.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 (botocore's own name)
    HTTPClientError,
    ParamValidationError,
)

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

THROTTLING = frozenset(
    {
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
CONTENTION = frozenset(
    {
        # A policy is no longer at the revision that was read.
        "PolicyNotFoundException",
        "ReplicatedWriteConflictException",
        "ResourceInUseException",
        "TransactionConflict",
        "TransactionConflictException",
    }
)
GONE = frozenset({"ResourceNotFound", "ResourceNotFoundException", "TableNotFoundException"})
LOST = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "RequestTimeout",
        "ServiceUnavailable",
        # An earlier attempt with this token is still at work: ask again with the same token.
        "TransactionInProgressException",
    }
)
CONDITION = frozenset({"ConditionalCheckFailed", "ConditionalCheckFailedException"})
QUOTING = frozenset(
    {
        "DuplicateItem",
        "DuplicateItemException",
        "SerializationException",
        "ValidationError",
        "ValidationException",
    }
)
"""Answers whose text may quote what was sent: what a function raises is in its log."""
SERVER_FAULT = 500


@contextmanager
def translated(*, writes: bool) -> Iterator[None]:
    """Raise what a store answers inside the block as a StoreError; `writes` if it may change."""
    try:
        yield
    except InvalidInput as error:  # an item that has no form in DynamoDB JSON
        raise Refused(error.message, field=error.field, mend=error.mend) from error
    except ClientError as error:
        raise translate(error, writes=writes) from error
    except (ConnectionError, HTTPClientError) as error:
        raise _lost(str(error), writes=writes) from error
    except ParamValidationError as error:  # its text quotes what was to be sent
        raise Refused("ParamValidationError: a request is no request of this service") from error
    except BotoCoreError as error:  # nothing was sent: credentials, parameters, configuration
        raise Refused(str(error)) from error


def code_of(error: ClientError) -> str:
    """Return the code of an answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


def translate(error: ClientError, *, writes: bool) -> StoreError:
    """Return the error of our tree for an answer of AWS."""
    code = code_of(error)
    if code == "TransactionCanceledException":
        return _cancelled(error.response.get("CancellationReasons", []))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    told = said(code, error.response.get("Error", {}).get("Message"))
    message = f"{error.operation_name}: {told}"
    known = by_code(code, message, writes=writes)
    if status >= SERVER_FAULT and isinstance(known, Refused):
        return _lost(message, writes=writes)
    return known


def said(code: str, text: str | None) -> str:
    """Return an answer in words that may be logged: its code, and its text if that quotes none."""
    if code in QUOTING:
        return f"{code} (what it says may quote a record, and is left out)"
    return f"{code}: {text}"


def by_code(code: str, message: str, *, writes: bool) -> StoreError:
    """Return the error of our tree for a code; what is not known is Refused, never retried."""
    if code in CONDITION:
        return ConditionFailed(message)
    if code in THROTTLING:
        return Throttled(message)
    if code in CONTENTION:
        return Contended(message)
    if code in GONE:
        return TableGone(message)
    if code in LOST:
        return _lost(message, writes=writes)
    return Refused(message)


def _lost(message: str, *, writes: bool) -> StoreError:
    return OutcomeUnknown(message) if writes else Throttled(message)


def _cancelled(reasons: Sequence[Mapping[str, Any]]) -> StoreError:
    """Return the error for a cancelled transaction: the gravest of its reasons decides.

    A failed condition is the caller's to decide about, whatever else was the matter; what can
    never be stored must not be retried; the rest may be tried again.
    """
    codes = [reason.get("Code") or "None" for reason in reasons]
    failed = tuple(at for at, code in enumerate(codes) if code in CONDITION)
    if failed:
        return ConditionFailed(f"conditions of actions {failed} do not hold", failed=failed)
    others = [
        by_code(code, f"action {at}: {said(code, reasons[at].get('Message'))}", writes=True)
        for at, code in enumerate(codes)
        if code != "None"
    ]
    for kind in (Refused, TableGone, Contended, Throttled):
        for error in others:
            if isinstance(error, kind):
                return error
    return OutcomeUnknown(f"cancelled, and no reason was given: {codes}")
