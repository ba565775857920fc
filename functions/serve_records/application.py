"""The routes: each parses its request, calls the engine once, and answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header, Path
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from functions.serve_records import searches
from functions.serve_records.answers import answered, answered_text, attributes_in, etag, seen_in
from functions.serve_records.cursors import Cursors
from functions.serve_records.description import Description
from functions.serve_records.json_values import read_json
from functions.serve_records.observation import Observation, Serve
from functions.serve_records.refusals import answer_errors
from functions.serve_records.requests import id_in, readable
from shared.engine.in_place.records import InPlaceRecords
from shared.engine.records import Record, Records
from shared.model.declaration import Api, Migration
from shared.model.errors import InvalidInput
from shared.model.item import LARGEST_CHANGE, Item

RecordId = Annotated[str, Path(description="The record's id")]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag as it was read; a stale one is a conflict"),
]


@dataclass(frozen=True, slots=True)
class Serving:
    """One migration's records and what is needed to serve them."""

    migration: Migration
    api: Api
    records: Records | InPlaceRecords
    cursors: Cursors

    def shown(self, record: Record) -> Item:
        """Return a record as callers see it: without the table's key, which its id stands for."""
        hidden = set(self.migration.shown.keys.names) - {self.api.id_field}
        return {name: value for name, value in record.item.items() if name not in hidden}

    def writable(self, attributes: Item) -> Item:
        """Return attributes of a request; refuse too many, and names that others own."""
        if len(attributes) > LARGEST_CHANGE:
            raise InvalidInput(
                f"{len(attributes)} attributes; one request may set at most {LARGEST_CHANGE}",
                field="body",
                mend="send several requests, or nest what belongs together",
            )
        keys = {name for table in self.migration.tables.values() for name in table.keys.names}
        for name in attributes:
            if name in (keys - {self.api.id_field}) or name in self.migration.stamps.all:
                raise InvalidInput(f"{name} cannot be written", field=name)
        if self.api.author in attributes:
            raise InvalidInput(
                f"{self.api.author} is whoever the token names, and cannot be written",
                field=self.api.author,
                mend="leave it out",
            )
        return attributes


def build(serving: Serving, observation: Observation) -> Serve:
    """Return the function that answers every request of one migration's API."""
    app = APIGatewayHttpResolver(
        enable_validation=True, json_body_deserializer=read_json, debug=False
    )
    describe = Description(serving.migration.title, serving.api)
    answer_errors(app, observation)
    _add_create(app, serving, describe)
    _add_read(app, serving, describe)
    _add_change(app, serving, describe)
    _add_delete(app, serving, describe)
    _add_list(app, serving, describe)
    _add_own(app, describe)

    def serve(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return app.resolve(readable(event, serving.api.resource), context)

    return serve


def _add_create(app: APIGatewayHttpResolver, serving: Serving, describe: Description) -> None:
    api, records = serving.api, serving.records

    def create(body: BaseModel) -> Response[str]:
        given = {name: v for name, v in attributes_in(body).items() if v is not None}
        identity = given.get(api.id_field) or records.new_id()
        key = api.key(identity)
        item = {**_authored(app, api), **serving.writable(given), api.id_field: identity}
        item |= serving.migration.shown_key(key)
        record = records.create(item, key)
        location = {"Location": f"/{api.resource}/{quote(identity, safe='')}"}
        return answered(201, serving.shown(record), {**etag(record), **location})

    _takes(create, api.create)
    app.post(f"/{api.resource}", **describe.create())(create)


def _authored(app: APIGatewayHttpResolver, api: Api) -> Item:
    """Return who creates the record, as the token says, for an API whose records say so."""
    context = app.current_event.raw_event.get("requestContext", {})
    claims = context.get("authorizer", {}).get("jwt", {}).get("claims", {})
    subject = claims.get("sub")
    return {api.author: subject} if api.author and subject else {}


def _add_read(app: APIGatewayHttpResolver, serving: Serving, describe: Description) -> None:
    api, records = serving.api, serving.records

    @app.get(f"/{api.resource}/<id>", **describe.read())
    def read(id: RecordId) -> Response[str]:  # noqa: A002  # the name in the path
        record = records.get(api.key(id_in(id)))
        return answered(200, serving.shown(record), etag(record))


def _add_change(app: APIGatewayHttpResolver, serving: Serving, describe: Description) -> None:
    api, records = serving.api, serving.records

    def change(
        id: RecordId,  # noqa: A002  # the name in the path
        body: BaseModel,
        if_match: IfMatch = None,
    ) -> Response[str]:
        given = serving.writable(attributes_in(body))
        if not given:
            raise InvalidInput("the body changes nothing", field="body")
        changes = {name: value for name, value in given.items() if value is not None}
        remove = tuple(sorted(name for name, value in given.items() if value is None))
        key = api.key(id_in(id))
        record = records.update(key, changes, remove, seen_in(if_match))
        return answered(200, serving.shown(record), etag(record))

    _takes(change, api.change)
    app.patch(f"/{api.resource}/<id>", **describe.change())(change)


def _add_delete(app: APIGatewayHttpResolver, serving: Serving, describe: Description) -> None:
    api, records = serving.api, serving.records

    @app.delete(f"/{api.resource}/<id>", **describe.delete())
    def delete(id: RecordId, if_match: IfMatch = None) -> Response[str]:  # noqa: A002  # as above
        records.delete(api.key(id_in(id)), seen_in(if_match))
        return answered(204)


def _add_list(app: APIGatewayHttpResolver, serving: Serving, describe: Description) -> None:
    api, records = serving.api, serving.records

    def find(*, limit: int, cursor: str | None, **given: str | None) -> Response[str]:
        searches.refuse_unknown(api, app.current_event.query_string_parameters)
        values = {name: value for name, value in given.items() if value is not None}
        search = searches.chosen(api, values)
        place = None if cursor is None else serving.cursors.read(cursor)
        page = records.search(search, values, place, limit)
        following = None if page.next is None else serving.cursors.sign(page.next)
        return answered(200, {"items": list(map(serving.shown, page.records)), "next": following})

    _declare(find, "__signature__", searches.parameters(api))
    app.get(f"/{api.resource}", **describe.find())(find)


def _add_own(app: APIGatewayHttpResolver, describe: Description) -> None:
    @app.get("/health", **describe.health())
    def health() -> Response[str]:
        return answered(200, {"status": "ok"})

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> Response[str]:
        return answered_text(200, describe.document(app))


def _takes(route: Callable[..., Response[str]], model: type[BaseModel]) -> None:
    """Let a route's body be the declared model, which no annotation can name in advance."""
    annotations: Mapping[str, Any] = {**route.__annotations__, "body": Annotated[model, Body()]}
    _declare(route, "__annotations__", annotations)


def _declare(route: Callable[..., Response[str]], name: str, value: Any) -> None:
    setattr(route, name, value)
