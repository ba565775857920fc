"""The deployed API answers at its address, and refuses what the deployed one would refuse."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from local import tokens
from local.places import Places
from tests.local.conftest import Clients, outputs

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(spike: dict[str, str], clients: Clients) -> Call:
    url = outputs(clients)["ApiUrl"]

    def request(
        path: str,
        method: str = "GET",
        token: str | None = None,
        body: bytes | None = None,
        **more: str,
    ) -> tuple[int, Any]:
        headers = dict(more)
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        asked = urllib.request.Request(url + path, body, headers, method=method)  # noqa: S310 - the local cloud's own URL
        try:
            with urllib.request.urlopen(asked) as answer:  # noqa: S310 - as above
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    return request


@pytest.fixture
def token(port: int, places: Places) -> Callable[..., str]:
    def issue(role: tokens.Role = "viewer", ttl: int = 60) -> str:
        return tokens.issue_token(role, "ann", ttl, port=port, places=places)

    return issue


def test_a_route_without_authorizer_answers_anyone(call: Call) -> None:
    status, answer = call("/health?a=1&a=2&b=x%20y", Cookie="a=b; c=d")
    event = answer["event"]
    assert status == 200
    assert (event["version"], event["routeKey"], event["rawPath"]) == (
        "2.0",
        "GET /health",
        "/health",
    )
    assert event["queryStringParameters"] == {"a": "1,2", "b": "x y"}
    assert event["rawQueryString"] == "a=1&a=2&b=x%20y"
    assert event["cookies"] == ["a=b", "c=d"]
    assert event["requestContext"]["http"]["method"] == "GET"
    assert event["requestContext"]["stage"] == "$default"


def test_a_good_token_passes_and_its_claims_arrive(call: Call, token: Callable[..., str]) -> None:
    body = json.dumps({"team": "é"}).encode()
    headers = {"Content-Type": "application/json", "If-Match": '"3"'}
    status, answer = call("/employees/a%2Fb", "PATCH", token(), body, **headers)
    event = answer["event"]
    assert status == 200
    assert event["pathParameters"] == {"id": "a/b"}
    assert event["headers"]["if-match"] == '"3"'
    assert json.loads(event["body"]) == {"team": "é"}
    assert event["isBase64Encoded"] is False
    claims = event["requestContext"]["authorizer"]["jwt"]["claims"]
    assert (claims["sub"], claims["scope"], claims["aud"]) == ("ann", "viewer", "cutover")
    assert claims["exp"].isdigit()


def test_no_token_is_unauthorized(call: Call) -> None:
    assert call("/employees/1") == (401, {"message": "Unauthorized"})


def test_an_expired_token_is_unauthorized(call: Call, token: Callable[..., str]) -> None:
    assert call("/employees/1", token=token(ttl=-1)) == (401, {"message": "Unauthorized"})


@pytest.mark.parametrize(
    "change", [{"aud": "other"}, {"iss": "http://localhost:1/_issuer"}, {"nbf": 9_999_999_999}]
)
def test_a_token_with_other_claims_is_unauthorized(
    change: dict[str, Any], call: Call, token: Callable[..., str], places: Places
) -> None:
    claims = jwt.decode(token(), options={"verify_signature": False}) | change
    key = places.signing_key.read_bytes()
    forged = jwt.encode(claims, key, algorithm="RS256", headers={"kid": "local"})
    assert call("/employees/1", token=forged)[0] == 401


def test_a_token_signed_by_another_key_is_unauthorized(
    call: Call, token: Callable[..., str]
) -> None:
    claims = jwt.decode(token(), options={"verify_signature": False})
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = jwt.encode(claims, stranger, algorithm="RS256", headers={"kid": "local"})
    assert call("/employees/1", token=forged)[0] == 401
    assert call("/employees/1", token="not even a token")[0] == 401


def test_a_scope_is_asked_for_where_the_route_says(call: Call, token: Callable[..., str]) -> None:
    assert call("/admin/x/y", token=token("viewer")) == (403, {"message": "Forbidden"})
    status, answer = call("/admin/x/y", token=token("approver"))
    assert (status, answer["event"]["pathParameters"]) == (200, {"proxy": "x/y"})
    assert answer["event"]["requestContext"]["authorizer"]["jwt"]["scopes"] == ["approver"]


def test_binary_arrives_in_base64(call: Call, token: Callable[..., str]) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    _, answer = call("/admin/x", "POST", token("operator"), b"\xff\x00", **headers)
    assert (answer["event"]["isBase64Encoded"], answer["event"]["body"]) == (True, "/wA=")


def test_a_path_without_route_is_not_found(call: Call) -> None:
    assert call("/nowhere") == (404, {"message": "Not Found"})
    assert call("/health", "POST") == (404, {"message": "Not Found"})


def test_the_key_is_nobody_elses_to_read(
    call: Call, places: Places, token: Callable[..., str]
) -> None:
    token()
    assert places.signing_key.stat().st_mode & 0o777 == 0o600


def test_a_role_there_is_not_is_refused(port: int, places: Places) -> None:
    with pytest.raises(ValueError, match="no such role: admin"):
        tokens.issue_token("admin", "ann", 60, port=port, places=places)  # type: ignore[arg-type]
