"""docs/api.md: routes, searches and refusals are those of the API."""

import re

from functions.serve_records.answers import STATUSES
from functions.serve_records.searches import DEFAULT_LIMIT, LARGEST_LIMIT
from migrations.personnel.migration import API, MIGRATION
from tests.docs.pages import page, rows, section
from tests.unit.functions.serve_records.service import Service

PAGE = page("api.md")


def test_every_route_is_shown_and_no_other():
    document = Service().call("GET", "/openapi.json").body
    routes = {
        f"{method.upper()} {path}" for path, found in document["paths"].items() for method in found
    }
    shown = set(re.findall(r"^\| `([A-Z]+ /[^`]*)`", PAGE, re.MULTILINE))
    assert shown == routes | {"GET /openapi.json"}


def test_every_refusal_of_the_engine_is_shown_with_its_status():
    shown = {
        (int(row[0]), code)
        for row in rows(section(PAGE, "Refusals"))
        for code in re.findall(r"`(\w+)`", row[1])
    }
    assert {(status, error.code) for error, status in STATUSES.items()} <= shown


def test_every_search_parameter_is_shown():
    [line] = [line for line in PAGE.splitlines() if "`GET /employees`" in line]
    assert {name for search in API.searches for name in search.parameters} <= set(
        re.findall(r"`(\w+)`", line)
    )


def test_limits_and_v2_only_attributes_are_shown():
    assert f"`limit` is 1 to {LARGEST_LIMIT}, {DEFAULT_LIMIT} if none." in PAGE
    assert [name for name in MIGRATION.target_only if f"`{name}`" not in PAGE] == []
