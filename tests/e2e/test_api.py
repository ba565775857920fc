"""The API as its callers meet it: tokens, versions, exact values, and no answer in doubt."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from functions.serve_records.json_values import read_json, write_json
from local import lifecycle
from migrations.personnel.sample import generate
from shared.model.environment import LOCAL
from shared.model.item import Item, same
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

EXACT: Item = read_json(
    """{"employee_id": "EXACT", "full_name": "Zoë 🙂", "role": "user", "status": "active",
    "balance": 12345678901234567890123456789012345678,
    "ratio": 0.00000000000012345678901234567890123456789012345678,
    "badge": {"$binary": "AAEC/w=="}, "skills": {"$set": ["crane", "weld"]},
    "sites": {"$set": [3, 38]}, "keys": {"$set": [{"$binary": "AQ=="}, {"$binary": "Ag=="}]},
    "address": {"lines": ["", null, {"flat": 7.5}], "own": {"$map": {"$set": 1}}}}"""
)
LISTED = 7
LIST = [
    {
        "PK": f"EMPLOYEE#LIST-{number}",
        "SK": "PROFILE",
        "full_name": "Same Name",
        "employee_number": "EMP-SAME",
        "project_id": "P-SAME",
        "role": "lister",
        "active": True,
    }
    for number in range(LISTED)
]
LISTED_IDS = {f"LIST-{number}" for number in range(LISTED)}
SEARCHES = ("name=Same+Name", "number=EMP-SAME", "team=P-SAME", "role=lister&status=active")
V2_ONLY: Item = {"hours_week": 38}


@pytest.fixture(scope="module")
def off(cloud: Cloud) -> Cloud:
    cloud.put(cloud.v1, [*generate(9, 30), *LIST])
    assert cloud.call("POST", "/employees", cloud.token(), EXACT).status == 201
    return cloud


@pytest.fixture(scope="module")
def begun(off: Cloud) -> dict[str, tuple[set[str], str]]:
    """Return the first page of each list and its cursor, as given out in OFF."""
    pages = {search: _page(off, search, limit=3) for search in SEARCHES}
    return {search: (_ids(page), str(page["next"])) for search, page in pages.items()}


@pytest.fixture(scope="module")
def on_v2(off: Cloud, begun: Any) -> Cloud:
    time.sleep(3.0)  # the lost leases of before are errors: the alarm goes off within two seconds,
    eventually(off.quiet)  # and then it keeps a migration from beginning until it is over
    output = off.run("migrate", approve="auto", ramp=[100])
    assert (output["status"], output["phase"]) == ("SUCCEEDED", "READ_V2")
    return off


# -- in OFF


def test_api_when_the_token_is_missing_or_wrong_answers_401_or_403(off: Cloud) -> None:
    expired = lifecycle.token("user", ttl=-600, places=off.places)
    for token in ("", "not.a.token", off.token()[:-4] + "AAAA", expired):
        assert off.call("GET", "/employees/EXACT", token).status == 401
    assert off.call("PATCH", "/employees/EXACT", off.token("approver"), {"role": "x"}).status == 403
    assert off.call("GET", "/health", "").status == 200
    assert off.call("GET", "/employees/EXACT", off.token()).version == 1


def test_write_when_the_version_is_stale_answers_409(off: Cloud) -> None:
    _assert_versions_hold(off, "VERSIONED-OFF")


def test_write_when_only_v2_could_hold_it_answers_409(off: Cloud) -> None:
    token = off.token()
    given: Item = {"full_name": "Early", **V2_ONLY}
    for answer in (
        off.call("POST", "/employees", token, given),
        off.call("PATCH", "/employees/EXACT", token, V2_ONLY),
    ):
        assert (answer.status, answer.body["code"], answer.body["field"]) == (
            409,
            "not_in_phase",
            "hours_week",
        )


@pytest.mark.parametrize("search", SEARCHES)
def test_list_when_reads_are_on_v1_finds_every_record_page_by_page(off: Cloud, search: str) -> None:
    assert _all(off, search) == LISTED_IDS


def test_cursor_when_tampered_with_answers_400(off: Cloud) -> None:
    cursor = str(_page(off, SEARCHES[0], limit=3)["next"])
    forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for given in (forged, "nonsense", "A" * 80):
        answer = off.call("GET", f"/employees?{SEARCHES[0]}&cursor={given}", off.token())
        assert (answer.status, answer.body["field"]) == (400, "cursor")
    other = off.call("GET", f"/employees?{SEARCHES[2]}&cursor={cursor}", off.token())
    assert (other.status, other.body["field"]) == (400, "cursor")


def test_openapi_when_fetched_names_every_deployed_route(off: Cloud) -> None:
    document = off.call("GET", "/openapi.json", off.token()).body
    described = {
        f"{method.upper()} {path}"
        for path, operations in document["paths"].items()
        for method in operations
    }
    client = off.client("apigatewayv2")
    (api,) = [api for api in client.get_apis()["Items"] if api["ApiEndpoint"] in _url(off)]
    deployed = {route["RouteKey"] for route in client.get_routes(ApiId=api["ApiId"])["Items"]}
    assert described == deployed - {"GET /openapi.json"}
    assert {"POST /employees", "PATCH /employees/{id}", "GET /health"} <= described


@pytest.fixture
def unreadable_phase(off: Cloud) -> Iterator[None]:
    """Deny every read of the control table for longer than a lease."""
    client = off.client("dynamodb")
    control = off.outputs["ControlTableName"]
    arn = client.describe_table(TableName=control)["Table"]["TableArn"]
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["dynamodb:GetItem"],
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_resource_policy(ResourceArn=arn, Policy=policy)
    time.sleep(LOCAL.timing.lease)
    yield
    client.delete_resource_policy(ResourceArn=arn)
    eventually(lambda: off.call("GET", "/employees/EXACT", off.token()).status == 200)


def test_api_when_the_phase_cannot_be_read_fails_closed(off: Cloud, unreadable_phase: None) -> None:
    for method, body in (("GET", None), ("PATCH", {"role": "lost"}), ("DELETE", None)):
        answer = urllib3.request(
            method,
            f"{_url(off)}/employees/EXACT",
            headers={"authorization": f"Bearer {off.token()}", "content-type": "application/json"},
            body=json.dumps(body).encode() if body else None,
            retries=False,
        )
        assert (answer.status, answer.json()["code"]) == (503, "lease_lost")
        assert int(answer.headers["retry-after"]) > 0


# -- in READ_V2


@pytest.mark.parametrize("search", SEARCHES)
def test_cursor_when_reads_moved_meanwhile_goes_on_where_it_was(
    on_v2: Cloud, begun: dict[str, tuple[set[str], str]], search: str
) -> None:
    seen, cursor = begun[search]
    assert 0 < len(seen) <= 3
    rest = _all(on_v2, search, cursor)
    assert not seen & rest
    assert seen | rest == LISTED_IDS


@pytest.mark.parametrize("search", SEARCHES)
def test_list_when_reads_are_on_v2_finds_every_record_page_by_page(
    on_v2: Cloud, search: str
) -> None:
    assert _all(on_v2, search) == LISTED_IDS


def test_values_when_they_went_through_both_tables_are_exactly_as_given(on_v2: Cloud) -> None:
    found = on_v2.call("GET", "/employees/EXACT", on_v2.token()).body
    assert {name: write_json(found[name]) for name in EXACT} == {
        name: write_json(value) for name, value in EXACT.items()
    }
    assert all(same(found[name], value) for name, value in EXACT.items())


def test_write_when_the_version_is_stale_answers_409_in_both_tables(on_v2: Cloud) -> None:
    _assert_versions_hold(on_v2, "VERSIONED-V2")


def test_write_when_v2_decides_takes_what_only_v2_holds(on_v2: Cloud) -> None:
    token = on_v2.token()
    made = on_v2.call("POST", "/employees", token, {"full_name": "Now", **V2_ONLY})
    assert (made.status, made.body["hours_week"]) == (201, 38)
    same_id = {"full_name": "Again", "employee_id": made.body["employee_id"]}
    again = on_v2.call("POST", "/employees", token, same_id)
    assert (again.status, again.body["code"]) == (409, "already_exists")


def _assert_versions_hold(cloud: Cloud, employee_id: str) -> None:
    token, path = cloud.token(), f"/employees/{employee_id}"
    given = {"employee_id": employee_id, "full_name": "Versioned"}
    made = cloud.call("POST", "/employees", token, given)
    assert (made.status, made.version) == (201, 1)
    first = {"If-Match": made.tag}
    changed = cloud.call("PATCH", path, token, {"phone": "2"}, **first)
    assert (changed.status, changed.version) == (200, 2)
    stale = cloud.call("PATCH", path, token, {"phone": "3"}, **first)
    assert (stale.status, stale.body["code"]) == (409, "version_conflict")
    assert cloud.call("DELETE", path, token, **first).status == 409
    assert cloud.call("GET", path, token).body["phone"] == "2"
    assert cloud.call("DELETE", path, token, **{"If-Match": '"2"'}).status == 204
    assert cloud.call("GET", path, token).status == 404
    again = cloud.call("POST", "/employees", token, given)
    assert (again.status, again.version) == (201, 1)
    stale = cloud.call("PATCH", path, token, {"phone": "4"}, **first)  # of the life before
    assert (stale.status, stale.body["code"]) == (409, "version_conflict")
    assert cloud.call("DELETE", path, token).status == 204


def _url(cloud: Cloud) -> str:
    return cloud.outputs["ApiUrl"].rstrip("/")


def _page(cloud: Cloud, search: str, *, limit: int, cursor: str | None = None) -> Item:
    path = f"/employees?{search}&limit={limit}" + (f"&cursor={cursor}" if cursor else "")
    answer = cloud.call("GET", path, cloud.token())
    assert answer.status == 200, answer
    return answer.body


def _ids(page: Item) -> set[str]:
    return {str(item["employee_id"]) for item in page["items"]}


def _all(cloud: Cloud, search: str, cursor: str | None = None) -> set[str]:
    """Return the ids of all pages from a cursor on; none may come twice."""
    found: set[str] = set()
    while True:
        page = _page(cloud, search, limit=3, cursor=cursor)
        assert not found & _ids(page)
        found |= _ids(page)
        if page["next"] is None:
            return found
        cursor = str(page["next"])
