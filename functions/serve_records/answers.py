"""Answers and refusals: one form for each, with the version and the life as ETag."""

import re
from collections.abc import Sequence
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.content_types import APPLICATION_JSON
from pydantic import BaseModel, Field

from functions.serve_records.json_values import write_json
from shared.engine.records import Record, Seen
from shared.model.errors import (
    AlreadyExists,
    Contended,
    CutoverError,
    InvalidInput,
    LeaseLost,
    NotFound,
    NotInPhase,
    OutcomeUnknown,
    PageExpired,
    RecordHeld,
    TableGone,
    Throttled,
    VersionConflict,
)
from shared.model.item import Item

STATUSES: dict[type[CutoverError], int] = {
    InvalidInput: 400,
    NotFound: 404,
    AlreadyExists: 409,
    VersionConflict: 409,
    NotInPhase: 409,
    PageExpired: 410,
    RecordHeld: 423,
    LeaseLost: 503,
    OutcomeUnknown: 503,
    Throttled: 503,
    Contended: 503,
    TableGone: 503,
}
"""What each error is to a caller; any other is the service's own fault."""

RETRY_AFTER_SECONDS = 1
_ETAG = re.compile(r'"(?P<version>0|[1-9][0-9]{0,17})(-(?P<life>0|[0-9a-f]{8}))?"')
_PRIVATE = {"Cache-Control": "no-store"}
"""Records are personal data: no cache on the way keeps them."""


class Refusal(BaseModel):
    """Why a request was not done; `field` names the part of it that is to blame."""

    code: str = Field(examples=["not_found"])
    message: str
    field: str | None
    request_id: str


def answered(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Response[str]:
    """Return a successful answer; without a body it is empty."""
    text = "" if body is None else write_json(body)
    return answered_text(status, text, headers)


def answered_text(status: int, text: str, headers: dict[str, str] | None = None) -> Response[str]:
    """Return a successful answer whose body is JSON text already."""
    return Response(
        status_code=status,
        content_type=APPLICATION_JSON if text else None,
        body=text,
        headers={**_PRIVATE, **(headers or {})},
    )


def refused(status: int, refusal: Refusal) -> Response[str]:
    """Return a refusal; one that may pass by itself says when to try again."""
    headers: dict[str, Any] = dict(_PRIVATE)
    if status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return Response(
        status_code=status,
        content_type=APPLICATION_JSON,
        body=write_json(refusal.model_dump()),
        headers=headers,
    )


def status_of(error: CutoverError) -> int | None:
    """Return an error's HTTP status, or None when it is the service's own fault."""
    return next((STATUSES[each] for each in type(error).__mro__ if each in STATUSES), None)


def blamed(errors: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """Return the field and the message of the first of pydantic's errors.

    A model's own check has no place of its own and names the field in its context instead.
    The message is pydantic's sentence about the rule; it never repeats the value.
    """
    first = errors[0]
    places = [str(each) for each in first["loc"][1:]]
    field = first.get("ctx", {}).get("field") or ".".join(places) or str(first["loc"][0])
    return str(field), f"{field}: {first['msg']}"


def etag(record: Record) -> dict[str, str]:
    """Return the header that names a record's version, and in which of its lives it is."""
    return {"ETag": f'"{record.version}-{record.life}"'}


def seen_in(if_match: str | None) -> Seen | None:
    """Return what a caller has seen, from If-Match; `*` asks for nothing in particular.

    A version alone, as in `"7"`, is taken for that version in any life of the record.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise InvalidInput(
            "If-Match is not an ETag of this API",
            field="If-Match",
            mend='send the ETag of the record as it was given, as in "7-5f0c9a3e"',
        )
    return Seen(int(found["version"]), found["life"])


def attributes_in(body: BaseModel) -> Item:
    """Return what a request's body says: the fields that were given, null included."""
    given = {name: getattr(body, name) for name in type(body).model_fields}
    named = {name: value for name, value in given.items() if name in body.model_fields_set}
    return {**named, **(body.model_extra or {})}
