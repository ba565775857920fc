"""The shapes of an event without and with its canonical form, and of the API's requests.

Unknown attributes are kept and so every model allows them; the API refuses only names that
belong to the engine or that nobody writes: the canonical form follows from the rest.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from migrations.events.recognition import CONFIRMED
from migrations.events.transform import CANONICAL

_ENGINE_PREFIX = "_cutover"
_NOT_ADDRESSABLE = frozenset({".", ".."})


def _filled(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("empty", "must not be empty; leave it out when there is none")
    return text


def _iso(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise PydanticCustomError("time", "must be a time as in 2026-01-31T12:00:00Z") from error
    return text


def _addressable(text: str) -> str:
    if text in _NOT_ADDRESSABLE:
        raise PydanticCustomError("id", "must not be . or .., which no URL can end in")
    return text


IndexedText = Annotated[str, StringConstraints(max_length=500), AfterValidator(_filled)]
Name = Annotated[str, StringConstraints(max_length=100), AfterValidator(_filled)]
Time = Annotated[
    str, AfterValidator(_iso), WithJsonSchema({"type": "string", "format": "date-time"})
]
EventId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$"), AfterValidator(_addressable)
]
Scalar = str | bool | Decimal
FormKey = Annotated[str, StringConstraints(pattern=r"^(template|meta)\.[a-z0-9_.]+$")]


class EventV1(BaseModel):
    """An event as it is stored before: the payload, and whose it claims to be."""

    model_config = ConfigDict(extra="allow")

    event_id: str
    account_id: str | None = None
    provider: str | None = None
    event_data: dict[str, Any]
    canonical_event: None = None


class Event(BaseModel):
    """An event with its canonical form, as it is stored after and as the API answers always."""

    model_config = ConfigDict(extra="allow", title="Event")

    event_id: str
    account_id: str | None = None
    provider: Any = None
    event_data: Any = None
    occurred_at: Any = None
    created_at: Any = None
    canonical_event: dict[FormKey, Scalar]


class _EventBody(BaseModel):
    """What a request may say about an event; further attributes are kept as they are."""

    model_config = ConfigDict(extra="allow")

    provider: Name | None = None
    provider_confirmed: bool | None = Field(None, description=f"see {CONFIRMED} in the README")
    occurred_at: Time | None = None
    created_at: Time | None = None

    @model_validator(mode="after")
    def _refuse_foreign_names(self) -> "_EventBody":
        for name in self.model_extra or {}:
            if name == CANONICAL or name.startswith(_ENGINE_PREFIX):
                raise PydanticCustomError(
                    "name", "{field} is not an attribute that is written", {"field": name}
                )
        return self


class EventCreate(_EventBody):
    """The body of a create; null means the same as leaving an attribute out."""

    account_id: IndexedText
    event_data: dict[str, Any]
    event_id: EventId | None = None


class EventChange(_EventBody):
    """The body of a change: what is left out stays, null removes an attribute.

    An event keeps its account and its payload, so these cannot be null; the event_id is the
    record's key and cannot be changed.
    """

    account_id: IndexedText | None = None
    event_data: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _keep_what_every_event_has(self) -> "EventChange":
        for name in ("account_id", "event_data"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise PydanticCustomError("kept", "{field} cannot be removed", {"field": name})
        if "event_id" in (self.model_extra or {}):
            raise PydanticCustomError("kept", "{field} cannot be changed", {"field": "event_id"})
        return self
