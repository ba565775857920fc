"""The shapes of an event without and with its canonical form, and of the API's requests.

Unknown attributes are kept and so every model allows them; the API refuses only names that
belong to the engine or that nobody writes: the canonical form follows from the rest.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from migrations.events.recognition import CONFIRMED
from migrations.events.transform import CANONICAL
from shared.model.bodies import Body, IndexedText, PathId, Text, Time

Name = Annotated[Text, StringConstraints(max_length=100)]
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


class _EventBody(Body):
    """What a request may say about an event; further attributes are kept as they are."""

    never_written = frozenset({CANONICAL})

    provider: Name | None = None
    provider_confirmed: bool | None = Field(None, description=f"see {CONFIRMED} in the README")
    occurred_at: Time | None = None
    created_at: Time | None = None


class EventCreate(_EventBody):
    """The body of a create; null means the same as leaving an attribute out."""

    account_id: IndexedText
    event_data: dict[str, Any]
    event_id: PathId | None = None


class EventChange(_EventBody):
    """The body of a change: what is left out stays, null removes an attribute.

    An event keeps a payload, so this cannot be null. The event_id is the record's key, and an
    event stays its account's: neither can be changed.
    """

    never_null = ("event_data",)
    never_changed = frozenset({"event_id", "account_id"})

    event_data: dict[str, Any] | None = None
