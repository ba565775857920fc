"""Which of a migration's searches a list request asks for."""

import inspect
from collections.abc import Mapping
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query

from shared.model.declaration import Api, Search
from shared.model.errors import InvalidInput

PAGING = ("limit", "cursor")
DEFAULT_LIMIT, LARGEST_LIMIT = 50, 100
_LONGEST = (500, 256)
"""Characters that fit any index: 2,048 bytes for its partition key, 1,024 for its sort key."""


def parameters(api: Api) -> inspect.Signature:
    """Return the query parameters of the list, as the event handler reads a signature."""
    found = {
        name: _parameter(name, position)
        for search in api.searches
        for position, name in enumerate(search.parameters)
    }
    limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT, description="How many at most")]
    cursor = Annotated[str | None, Query(description="`next` of the page before")]
    return inspect.Signature(
        [
            *found.values(),
            _keyword("limit", limit, DEFAULT_LIMIT),
            _keyword("cursor", cursor, None),
        ]
    )


def chosen(api: Api, given: Mapping[str, str]) -> Search:
    """Return the search that the parameters ask for; raise InvalidInput that lists them all."""
    for search in api.searches:
        if set(search.parameters) == set(given):
            return search
    for search in api.searches:
        missing = set(search.parameters) - set(given)
        if given and set(given) < set(search.parameters):
            name = sorted(missing)[0]
            raise InvalidInput(f"{' and '.join(given)} needs {name} as well", field=name)
    reason = "these do not go together" if given else "say what to look for"
    last = list(given)[-1] if given else None
    raise InvalidInput(reason, field=last, mend=f"give {_listed(api)}")


def refuse_unknown(api: Api, given: Mapping[str, str]) -> None:
    """Raise InvalidInput naming a query parameter that the list does not have."""
    known = {*PAGING, *(name for search in api.searches for name in search.parameters)}
    for name in given:
        if name not in known:
            raise InvalidInput(
                f"there is no query parameter {name}", field=name, mend=f"give {_listed(api)}"
            )


def _listed(api: Api) -> str:
    return ", or ".join(" and ".join(search.parameters) for search in api.searches)


def _parameter(name: str, position: int) -> inspect.Parameter:
    query = Query(min_length=1, max_length=_LONGEST[position], description=f"Exactly this {name}")
    return _keyword(name, Annotated[str | None, query], None)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, annotation=annotation, default=default)
