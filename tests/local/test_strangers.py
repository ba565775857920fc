"""Pages of others do not reach the local cloud through a developer's browser."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable

import pytest

from local.front import Environ, StartResponse
from local.strangers import kept_out


def _reached(**environ: str) -> bool:
    """Tell whether a request reaches the application behind."""
    reached: list[Environ] = []
    statuses: list[str] = []

    def application(given: Environ, start_response: StartResponse) -> Iterable[bytes]:
        reached.append(given)
        start_response("200 OK", [])
        return [b""]

    list(kept_out(application)(dict(environ), lambda status, _headers: statuses.append(status)))
    assert statuses == (["200 OK"] if reached else ["403 Forbidden"])
    return bool(reached)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4566", "127.0.0.1:4566", "[::1]:4566", "bucket.localhost:4566"]
)
def test_a_program_is_answered_under_every_name_of_this_machine(host: str) -> None:
    assert _reached(HTTP_HOST=host)
    assert _reached(HTTP_HOST=host, HTTP_ORIGIN=f"http://{host}", HTTP_SEC_FETCH_SITE="same-origin")


@pytest.mark.parametrize(
    "host", ["evil.example:4566", "localhost.evil.example", "evillocalhost", "10.0.0.1", "[::1", ""]
)
def test_a_name_of_others_that_leads_here_is_refused(host: str) -> None:
    assert not _reached(HTTP_HOST=host)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example"]
)
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    assert not _reached(HTTP_HOST="localhost:4566", HTTP_ORIGIN=origin)


def test_an_image_on_another_sites_page_is_refused_and_an_address_typed_in_is_not() -> None:
    assert not _reached(HTTP_HOST="localhost:4566", HTTP_SEC_FETCH_SITE="cross-site")
    assert _reached(HTTP_HOST="localhost:4566", HTTP_SEC_FETCH_SITE="none")


def test_the_cloud_when_a_page_would_make_a_function_refuses_and_keeps_the_connection(
    port: int,
) -> None:
    connection = http.client.HTTPConnection("localhost", port)
    evil = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    connection.request("POST", "/2015-03-31/functions", b'{"FunctionName": "evil"}', evil)
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["__type"]) == (403, "Forbidden")
    connection.request("GET", "/_cutover/status")
    assert connection.getresponse().status == 200
    connection.close()
