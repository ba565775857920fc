"""Routing and the reading of a function's answer, without a server."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from local.http_apis.payload import Response, response
from local.http_apis.routing import match

ROUTES = [
    SimpleNamespace(route_key=key)
    for key in (
        "$default",
        "ANY /{proxy+}",
        "GET /employees/{id}",
        "GET /employees/me",
        "ANY /employees/{id}",
        "GET /",
    )
]


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/employees/me", "GET /employees/me", {}),
        ("GET", "/employees/7", "GET /employees/{id}", {"id": "7"}),
        ("PUT", "/employees/7", "ANY /employees/{id}", {"id": "7"}),
        ("GET", "/employees/a%20b", "GET /employees/{id}", {"id": "a b"}),
        ("GET", "/employees/7/x", "ANY /{proxy+}", {"proxy": "employees/7/x"}),
        ("GET", "/employees/", "ANY /{proxy+}", {"proxy": "employees/"}),
        ("GET", "/", "GET /", {}),
        ("POST", "/", "$default", {}),
    ],
)
def test_the_most_specific_route_is_chosen(
    method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    found = match(ROUTES, method, path)
    assert found is not None
    assert (found.route.route_key, found.parameters) == (key, parameters)


def test_without_a_default_nothing_may_match() -> None:
    assert match(ROUTES[2:], "GET", "/nowhere/at/all") is None


def test_an_answer_without_a_status_is_the_body() -> None:
    json_type = [("Content-Type", "application/json")]
    assert response(b'{"a": 1}') == Response(200, b'{"a": 1}', json_type)


def test_status_headers_cookies_and_base64_are_read() -> None:
    answer = response(
        b'{"statusCode": 201, "headers": {"ETag": "3"}, "cookies": ["a=b"],'
        b' "body": "/wA=", "isBase64Encoded": true}'
    )
    assert (answer.line, answer.body) == ("201 Created", b"\xff\x00")
    assert ("ETag", "3") in answer.headers
    assert ("Set-Cookie", "a=b") in answer.headers


def test_a_body_that_is_no_string_is_an_error() -> None:
    with pytest.raises(ValueError, match="string"):
        response(b'{"statusCode": 200, "body": {"a": 1}}')
