"""What the bodies of every API's requests share: kinds of fields, and names that are refused.

A migration's bodies derive from `Body` and list the names; the text of a refusal is the same in
every API. Attributes that no list and no field names are kept as they are.
"""

from collections.abc import Container
from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from shared.model.stamp import PREFIX


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
    if text in (".", ".."):
        raise PydanticCustomError("id", "must not be . or .., which no URL can end in")
    return text


Text = Annotated[str, AfterValidator(_filled)]
"""Text that says something: an attribute that has nothing to say is absent."""
IndexedText = Annotated[str, StringConstraints(max_length=500), AfterValidator(_filled)]
"""The same, short enough to be an index's key."""
Time = Annotated[
    str, AfterValidator(_iso), WithJsonSchema({"type": "string", "format": "date-time"})
]
PathId = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$"), AfterValidator(_addressable)
]
"""An id that a URL can end in as it is."""


class Body(BaseModel):
    """What a request may say about a record; further attributes are kept as they are."""

    model_config = ConfigDict(extra="allow")

    never_written: ClassVar[Container[str]] = ()
    """Names of the old shape, and of what is computed; the engine's own are refused anyway."""
    never_changed: ClassVar[Container[str]] = ()
    """What a record is created with and keeps."""
    never_null: ClassVar[tuple[str, ...]] = ()
    """Fields that a change may give another value, and cannot remove."""

    @model_validator(mode="after")
    def _refuse_names(self) -> Self:
        for name in self.model_extra or {}:
            if name in self.never_written or name.startswith(PREFIX):
                raise _refused(name, "cannot be written")
            if name in self.never_changed:
                raise _refused(name, "cannot be changed")
        for name in self.never_null:
            if name in self.model_fields_set and getattr(self, name) is None:
                raise _refused(name, "cannot be removed")
        return self


def _refused(name: str, why: str) -> PydanticCustomError:
    """Return the refusal of a name, which whoever answers the caller sets before the reason."""
    return PydanticCustomError("name", "{why}", {"field": name, "why": why})
