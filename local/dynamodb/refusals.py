"""The answers DynamoDB gives instead of a result, as exceptions that know their wire form.

Refusal                        any error of the data plane
├── Invalid                    ValidationException
├── Malformed                  SerializationException
├── TableMissing               ResourceNotFoundException
├── ConditionFailed            ConditionalCheckFailedException
├── Duplicate                  DuplicateItemException (PartiQL INSERT of a key that is there)
├── TransactionCanceled        TransactionCanceledException, with one reason per action
├── TokenReused                IdempotentParameterMismatchException
├── Denied                     AccessDeniedException
└── Broken                     InternalServerError (a fault of the front itself)
"""

from __future__ import annotations

from typing import Any

_DYNAMODB = "com.amazonaws.dynamodb.v20120810#"
_CORAL = "com.amazon.coral.service#"


class Refusal(Exception):
    """An error answer; `members` are the fields it carries beside its message."""

    status = 400
    prefix = _DYNAMODB
    code = "InternalServerError"
    #: How BatchExecuteStatement and a transaction's reasons name the same error.
    short = "InternalServerError"

    def __init__(self, message: str, **members: Any) -> None:
        super().__init__(message)
        self.message = message
        self.members = members

    def document(self) -> dict[str, Any]:
        """Give the body of the error answer."""
        return {"__type": self.prefix + self.code, "message": self.message, **self.members}


class Invalid(Refusal):
    """The request is not well formed, or breaks a limit."""

    prefix = "com.amazon.coral.validate#"
    code = "ValidationException"
    short = "ValidationError"


class Malformed(Refusal):
    """The body is not the JSON this operation reads."""

    prefix = _CORAL
    code = "SerializationException"
    short = "ValidationError"


class TableMissing(Refusal):
    """No table of that name is here."""

    code = "ResourceNotFoundException"
    short = "ResourceNotFound"

    def __init__(self) -> None:
        super().__init__("Requested resource not found")


class ConditionFailed(Refusal):
    """The condition was false; carries the item when the caller asked for it."""

    code = "ConditionalCheckFailedException"
    short = "ConditionalCheckFailed"

    def __init__(self, item: object = None) -> None:
        members = {} if item is None else {"Item": item}
        super().__init__("The conditional request failed", **members)


class Duplicate(Refusal):
    """A PartiQL INSERT met an item with the same key."""

    code = "DuplicateItemException"
    short = "DuplicateItem"

    def __init__(self, item: object = None) -> None:
        super().__init__("Duplicate primary key exists in table", Item=item)

    def document(self) -> dict[str, Any]:
        """Give the body of the error answer, which does not show the item."""
        return {"__type": self.prefix + self.code, "message": self.message}


class TransactionCanceled(Refusal):
    """At least one action of a transaction could not be done, so none was."""

    code = "TransactionCanceledException"

    def __init__(self, reasons: list[dict[str, Any]]) -> None:
        codes = ", ".join(reason["Code"] for reason in reasons)
        super().__init__(
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            f"[{codes}]",
            CancellationReasons=reasons,
        )

    def document(self) -> dict[str, Any]:
        """Give the body of the error answer; this one error spells `Message` with a capital."""
        body = super().document()
        return {**body, "Message": self.message}


class TokenReused(Refusal):
    """A ClientRequestToken came again with other parameters."""

    code = "IdempotentParameterMismatchException"

    def __init__(self) -> None:
        super().__init__("The transaction was retried with a different payload than the original")


class Denied(Refusal):
    """A resource-based policy denies the action."""

    prefix = _CORAL
    code = "AccessDeniedException"
    short = "AccessDenied"


class Broken(Refusal):
    """The front failed; the details are in its log, not in the answer."""

    status = 500

    def __init__(self) -> None:
        super().__init__("Internal server error")
