"""The HTTP API of a migration's records: routes, token checks, limits and access logs."""

import json
from typing import cast

from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk.aws_apigatewayv2_authorizers import HttpJwtAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_lambda import IFunction
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.deployment import Deployment
from infra.constructs.log_group import DELIVERED, log_group

SCOPE = "user"
"""The scope a caller's token must have for records."""
RATE, BURST = 500, 1000
"""Requests per second, and at once: a bound on what one API can ask of the tables."""

OPEN_RATE, OPEN_BURST = 10, 20
"""The same of the route that asks for no token: a flood by nobody known leaves the others room."""

_GET, _POST = gateway.HttpMethod.GET, gateway.HttpMethod.POST
_PATCH, _DELETE = gateway.HttpMethod.PATCH, gateway.HttpMethod.DELETE

_LOGGED = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
}
"""The route in place of the path, and neither address nor subject: no log names a person."""


class RecordApi(Construct):
    """Every route but the health check asks for a token of the environment's issuer."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        deployment: Deployment,
        resource: str,
        function: IFunction,
    ) -> None:
        super().__init__(scope, name)
        environment = deployment.environment
        self._deployment = deployment
        self._integration = HttpLambdaIntegration("Records", function)
        self._authorizer = HttpJwtAuthorizer(
            "Token", environment.issuer, jwt_audience=[environment.audience]
        )
        self.api = gateway.HttpApi(
            self,
            "Api",
            api_name=f"cutover-{deployment.migration.name}",
            create_default_stage=False,
        )
        self._add_routes(resource)
        self._add_stage(self._add_open_route())

    def _add_stage(self, open_route: gateway.HttpRoute) -> None:
        group = log_group(
            self,
            name=f"{DELIVERED}/api/cutover-{self._deployment.migration.name}",
            environment=self._deployment.environment,
        )
        stage = gateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=gateway.ThrottleSettings(rate_limit=RATE, burst_limit=BURST),
        )
        template = cast("gateway.CfnStage", stage.node.default_child)
        template.route_settings = {
            "GET /health": {
                "ThrottlingRateLimit": OPEN_RATE,
                "ThrottlingBurstLimit": OPEN_BURST,
            }
        }
        stage.node.add_dependency(open_route)  # a stage's settings name routes that are there
        template.access_log_settings = gateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn, format=json.dumps(_LOGGED)
        )

    def _add_routes(self, resource: str) -> None:
        for path, methods in (
            (f"/{resource}", [_POST, _GET]),
            (f"/{resource}/{{id}}", [_GET, _PATCH, _DELETE]),
            ("/openapi.json", [_GET]),
        ):
            self.api.add_routes(
                path=path,
                methods=methods,
                integration=self._integration,
                authorizer=self._authorizer,
                authorization_scopes=[SCOPE],
            )

    def _add_open_route(self) -> gateway.HttpRoute:
        """Add the route that asks for no token."""
        [route] = self.api.add_routes(path="/health", methods=[_GET], integration=self._integration)
        acknowledge(
            route,
            "AwsSolutions-APIG4",
            "The health check tells nothing but that the API answers.",
        )
        return route
