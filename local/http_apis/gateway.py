"""The application behind every deployed HTTP API's address: route, check, invoke, answer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TakesTooLong
from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.awslambda.utils import get_backend

from local.cloudformation.http_api_types import API_PATH
from local.front import Environ, StartResponse
from local.http_apis.authorizer import Forbidden, Identity, TokenCheck, Unauthorized
from local.http_apis.payload import Request, Response, event, message, response
from local.http_apis.routing import Match, match
from local.lambdas.invoke import Functions
from local.places import ACCOUNT, REGION

_LONGEST_SECONDS = 30.0
_AT_ONCE = 128


class Gateway:
    """Answers for all APIs; reads moto's store at every request, so a deployment counts at once."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._tokens = TokenCheck()
        self._calls = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="integration")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        api_id, request = _request(environ)
        answer = self._answer(api_id, request)
        start_response(answer.line, [*answer.headers, ("Apigw-Requestid", request.request_id)])
        return [answer.body]

    def _answer(self, api_id: str, request: Request) -> Response:
        api = apigatewayv2_backends[ACCOUNT][REGION].apis.get(api_id)
        if api is None:
            return message(404, "Not Found")
        stage, path = _stage(api, request.path)
        found = match(list(api.routes.values()), request.method, path)
        if found is None:
            return message(404, "Not Found")
        try:
            identity = self._identify(api, found.route, request)
        except Unauthorized:
            refused = message(401, "Unauthorized")
            return Response(401, refused.body, [*refused.headers, ("WWW-Authenticate", "Bearer")])
        except Forbidden:
            return message(403, "Forbidden")
        return self._integrate(api, found, stage, request, identity)

    def _identify(self, api: Any, route: Any, request: Request) -> Identity | None:
        if route.authorization_type != "JWT":
            return None
        settings = api.authorizers[route.authorizer_id].jwt_config
        named = {name.lower(): value for name, value in settings.items()}
        return self._tokens.identify(
            request.headers.get("authorization"),
            named["issuer"],
            named["audience"],
            route.authorization_scopes or [],
        )

    def _integrate(
        self, api: Any, found: Match, stage: str, request: Request, identity: Identity | None
    ) -> Response:
        """Call the function and wait as long as the gateway would."""
        integration = api.integrations[found.route.target.removeprefix("integrations/")]
        function = get_backend(ACCOUNT, REGION).get_function(integration.integration_uri)
        body = event(
            request,
            api_id=api.api_id,
            route_key=found.route.route_key,
            stage=stage,
            parameters=found.parameters,
            identity=identity,
        )
        call = self._calls.submit(self._functions.run, function, json.dumps(body).encode())
        limit = float(integration.timeout_in_millis or _LONGEST_SECONDS * 1000) / 1000
        try:
            outcome = call.result(limit)
        except TakesTooLong:
            return message(503, "Service Unavailable")
        if outcome.error is not None:
            return message(500, "Internal Server Error")
        try:
            return response(outcome.payload)
        except ValueError:
            return message(500, "Internal Server Error")


def _stage(api: Any, path: str) -> tuple[str, str]:
    """Split a named stage off the path; `$default` has none."""
    first, _, rest = path.lstrip("/").partition("/")
    if first in api.stages and first != "$default":
        return first, f"/{rest}"
    return "$default", path


def _request(environ: Environ) -> tuple[str, Request]:
    """Read the request; the raw path keeps an encoded slash apart from a real one."""
    raw_path, _, query = environ["REQUEST_URI"].partition("?")
    api_id, _, path = raw_path.removeprefix(f"{API_PATH}/").partition("/")
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or (name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value)
    }
    # AWS has no such header, since an API has a host of its own there; links need it here
    headers["x-forwarded-prefix"] = f"{API_PATH}/{api_id}"
    return api_id, Request(
        method=environ["REQUEST_METHOD"],
        path=f"/{path}",
        query=query,
        headers=headers,
        body=environ["wsgi.input"].read(),
        source_ip=environ.get("REMOTE_ADDR", ""),
        protocol=environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
    )
