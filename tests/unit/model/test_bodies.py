"""What every API's bodies refuse alike, and the kinds of fields they share."""

from typing import Any

import pytest
from pydantic import ValidationError

from shared.model.bodies import Body, IndexedText, PathId, Text, Time


class Change(Body):
    """A body with a field of each kind."""

    never_written = frozenset({"old"})
    never_changed = frozenset({"id"})
    never_null = ("name",)

    name: Text | None = None
    topic: IndexedText | None = None
    at: Time | None = None
    link: PathId | None = None


class Create(Body):
    """A body that is given the id, which no change is."""

    id: PathId | None = None


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"old": 1}, "old", "cannot be written"),
        ({"old": None}, "old", "cannot be written"),
        ({"_cutover_version": 1}, "_cutover_version", "cannot be written"),
        ({"_cutover_of_tomorrow": 1}, "_cutover_of_tomorrow", "cannot be written"),
        ({"id": "7"}, "id", "cannot be changed"),
        ({"name": None}, "name", "cannot be removed"),
        ({"name": " "}, "name", "must not be empty"),
        ({"topic": ""}, "topic", "must not be empty"),
        ({"topic": "x" * 501}, "topic", "at most 500"),
        ({"at": "yesterday"}, "at", "as in 2026-01-31T12:00:00Z"),
        ({"link": "a/b"}, "link", "pattern"),
        ({"link": "x" * 65}, "link", "pattern"),
        ({"link": ".."}, "link", "no URL can end in"),
    ],
)
def test_body_when_something_is_refused_names_it_and_says_why(
    given: dict[str, Any], field: str, says: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Change.model_validate(given)
    (error,) = caught.value.errors()
    assert (error["loc"][0] if error["loc"] else error["ctx"]["field"]) == field
    assert says in error["msg"]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"name": "A", "topic": "x" * 500, "at": "2026-01-31T12:00:00Z", "link": "a.b"},
        {"topic": None, "further": None, "never_null": 1, "never_written": {"deep": []}},
    ],
)
def test_body_when_nothing_is_refused_keeps_what_was_given(given: dict[str, Any]) -> None:
    assert Change.model_validate(given).model_dump(exclude_unset=True) == given


def test_body_when_another_says_what_it_refuses_refuses_nothing_but_the_engines_names() -> None:
    given = {"id": "7", "old": 1, "name": None}
    assert Create.model_validate(given).model_dump() == given
