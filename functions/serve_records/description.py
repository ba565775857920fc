"""The API's own description: an OpenAPI document made from the declaration and the routes."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer
from pydantic import BaseModel, Field, create_model

from functions.serve_records.answers import Refusal
from shared.model.declaration import Api

VERSION = "1.0.0"
_NOT_OURS = ("HTTPValidationError", "ResponseValidationError", "ValidationError")
"""The event handler's own errors, which this API replaces by one form of refusal."""

_ABOUT = """The records of a migration, in the new table's shape in every phase.

Further attributes than the declared ones are kept. Numbers have up to 38 digits and lose none.
Bytes are `{"$binary": "<base64>"}` and sets `{"$set": [...]}`, both ways; a map that would
itself read as one of these is `{"$map": {...}}`.
"""

_REFUSALS = {
    400: "A field is wrong; `field` names it",
    404: "There is no such record",
    409: "Already there, another version, or not possible in the current phase; see `code`",
    410: "The cursor can no longer be continued; begin the list again",
    415: "The body is not JSON",
    423: "The record is held back from the migration and cannot be written for now",
    500: "Something went wrong in the service",
    503: "Try again after the seconds in Retry-After",
}
_ALWAYS = (400, 500, 503)


class Health(BaseModel):
    """That the API answers."""

    status: str = Field(examples=["ok"])


class Description:
    """What each route takes and answers, as keyword arguments of its registration."""

    def __init__(self, title: str, api: Api) -> None:
        record: Any = api.record  # a model known only at run time is no name for mypy
        self._title = title
        self._record = record
        self._resource = api.resource
        page: dict[str, Any] = {
            "items": (list[record], ...),
            "next": (str | None, Field(description="The next page's `cursor`; null: no more")),
        }
        self._page = create_model(f"{record.__name__}Page", **page)

    def create(self) -> dict[str, Any]:
        """Describe the creation of a record."""
        answer = _answer("Created", self._record, "ETag", "Location")
        return self._route("create", "Create a record", {201: answer}, 409, 415, 423)

    def read(self) -> dict[str, Any]:
        """Describe the reading of one record."""
        return self._route("get", "Read a record", {200: self._one("The record")}, 404)

    def change(self) -> dict[str, Any]:
        """Describe the change of a record."""
        answer = {200: self._one("The changed record")}
        return self._route("update", "Change a record", answer, 404, 409, 415, 423)

    def delete(self) -> dict[str, Any]:
        """Describe the deletion of a record."""
        answer = {204: {"description": "Deleted", "content": {}}}
        return self._route("delete", "Delete a record", answer, 404, 409, 423)

    def find(self) -> dict[str, Any]:
        """Describe the list."""
        answer = {200: _answer("One page", self._page)}
        return self._route("list", "Find records", answer, 410)

    def health(self) -> dict[str, Any]:
        """Describe the health check, the only route that asks for no token."""
        answer = {200: _answer("The API answers", Health)}
        return self._route("health", "Tell whether the API answers", answer)

    def document(self, app: APIGatewayHttpResolver) -> str:
        """Return the OpenAPI document as JSON text."""
        text = app.get_openapi_json_schema(
            title=self._title,
            version=VERSION,
            description=_ABOUT,
            security_schemes={"bearer": HTTPBearer(bearerFormat="JWT")},
            security=[{"bearer": []}],
        )
        document: dict[str, Any] = json.loads(text)
        for name in _NOT_OURS:
            document["components"]["schemas"].pop(name, None)
        for path, operations in document["paths"].items():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                if path == "/health":
                    operation["security"] = []
        return json.dumps(document)

    def _one(self, text: str) -> dict[str, Any]:
        return _answer(text, self._record, "ETag")

    def _route(
        self, verb: str, summary: str, answers: dict[int, dict[str, Any]], *refusals: int
    ) -> dict[str, Any]:
        declared = {status: _refusal(status) for status in sorted({*_ALWAYS, *refusals})}
        return {
            "summary": summary,
            "operation_id": f"{verb}_{self._resource}",
            "responses": {**answers, **declared},
        }


def _answer(text: str, model: type[BaseModel], *headers: str) -> dict[str, Any]:
    described = {name: {"schema": {"type": "string"}} for name in headers}
    return {"description": text, "content": _content(model), "headers": described}


def _refusal(status: int) -> dict[str, Any]:
    headers = {"Retry-After": {"schema": {"type": "integer"}}} if status == 503 else {}
    return {"description": _REFUSALS[status], "content": _content(Refusal), "headers": headers}


def _content(model: type[BaseModel]) -> dict[str, Any]:
    return {"application/json": {"model": model}}
