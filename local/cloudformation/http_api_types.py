"""AWS::ApiGatewayV2 types for HTTP APIs, whose address answers on this server."""

from __future__ import annotations

from moto.apigatewayv2.models import Api as StoredApi
from typing_extensions import override

from local.clients import Clients
from local.cloudformation.resource import Made, Properties, ResourceType
from local.mend import replace
from local.places import endpoint

API_PATH = "/_api"


class Api(ResourceType):
    """An HTTP API; its endpoint lies below a path, since not every machine resolves *.localhost."""

    type_name = "AWS::ApiGatewayV2::Api"

    def __init__(self, clients: Clients) -> None:
        super().__init__(clients)
        make = StoredApi.__init__

        def make_with_endpoint(stored: StoredApi, *args: object, **options: object) -> None:
            make(stored, *args, **options)  # type: ignore[arg-type]  # passed on as they came
            stored.api_endpoint = f"{endpoint(clients.port)}{API_PATH}/{stored.api_id}"

        replace(StoredApi, "__init__", make_with_endpoint)

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the API."""
        answer = self.clients("apigatewayv2").create_api(**properties)
        attributes = {"ApiEndpoint": answer["ApiEndpoint"], "ApiId": answer["ApiId"]}
        return Made(answer["ApiId"], attributes)

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change the API and keep its address."""
        changes = {key: value for key, value in properties.items() if key != "ProtocolType"}
        tags = changes.pop("Tags", {})
        client = self.clients("apigatewayv2")
        client.update_api(ApiId=made.physical_id, **changes)
        if tags:
            arn = f"arn:aws:apigateway:us-east-1::/apis/{made.physical_id}"
            client.tag_resource(ResourceArn=arn, Tags=tags)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the API and all it holds."""
        self.clients("apigatewayv2").delete_api(ApiId=made.physical_id)


class _PartOfApi(ResourceType):
    """A part of an API, replaced when it changes."""

    singular: str
    id_key: str

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the part."""
        operation = getattr(self.clients("apigatewayv2"), f"create_{self.singular}")
        answer = operation(**properties)
        ids = {"ApiId": properties["ApiId"], self.id_key: answer[self.id_key]}
        return Made(answer[self.id_key], ids)

    @override
    def delete(self, made: Made) -> None:
        """Delete the part."""
        operation = getattr(self.clients("apigatewayv2"), f"delete_{self.singular}")
        operation(**made.attributes)


class Integration(_PartOfApi):
    """Where a route's requests go."""

    type_name = "AWS::ApiGatewayV2::Integration"
    singular = "integration"
    id_key = "IntegrationId"


class Route(_PartOfApi):
    """A method and a path."""

    type_name = "AWS::ApiGatewayV2::Route"
    singular = "route"
    id_key = "RouteId"


class Authorizer(_PartOfApi):
    """Who may call."""

    type_name = "AWS::ApiGatewayV2::Authorizer"
    singular = "authorizer"
    id_key = "AuthorizerId"


class Stage(_PartOfApi):
    """A stage; `$default` has no path of its own."""

    type_name = "AWS::ApiGatewayV2::Stage"
    singular = "stage"
    id_key = "StageName"


TYPES = (Api, Integration, Route, Authorizer, Stage)
