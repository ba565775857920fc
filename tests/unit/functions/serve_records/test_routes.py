"""Every route of the records API: what it answers, and what it refuses and why."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from openapi_spec_validator import validate

from shared.model.errors import (
    AlreadyExists,
    Contended,
    CutoverError,
    LeaseLost,
    NotInPhase,
    OutcomeUnknown,
    PageExpired,
    RecordHeld,
    Refused,
    Throttled,
)
from shared.model.item import LARGEST_CHANGE
from shared.model.key import Key
from tests.unit.functions.serve_records.service import Service, event

ANN = {"full_name": "Ann Öz", "employee_id": "7"}
KEY = Key("EMPLOYEE#7", "PROFILE")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def ann(service: Service) -> Service:
    assert service.call("POST", "/employees", ANN).status == 201
    return service


def test_create_stores_the_record_under_its_key_and_answers_it_with_its_address(
    service: Service,
) -> None:
    answer = service.call(
        "POST", "/employees", {**ANN, "email": None, "badge": {"$binary": "AP8="}}
    )
    assert (answer.status, answer.headers["ETag"]) == (201, '"1-0123abcd"')
    assert answer.headers["Location"] == "/employees/7"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.body == {**ANN, "badge": {"$binary": "AP8="}}
    assert service.records.stored[KEY].item == {
        "PK": "EMPLOYEE#7",
        "SK": "PROFILE",
        "badge": b"\x00\xff",
        **ANN,
    }


def test_create_without_an_id_takes_a_fresh_one(service: Service) -> None:
    answer = service.call("POST", "/employees", {"full_name": "Ann"})
    assert answer.body["employee_id"] == "fresh"
    assert Key("EMPLOYEE#fresh", "PROFILE") in service.records.stored


def test_create_of_a_record_that_is_there_is_a_conflict(ann: Service) -> None:
    answer = ann.call("POST", "/employees", ANN)
    assert (answer.status, answer.body["code"]) == (409, "already_exists")


def test_numbers_of_38_digits_come_and_go_without_loss(service: Service) -> None:
    digits = "12345678901234567890.123456789012345678"
    text = f'{{"full_name":"Ann","employee_id":"7","balance":{digits},"hourly_rate":0.10}}'
    answer = service.call("POST", "/employees", text)
    assert f'"balance":{digits}' in answer.text
    stored = service.records.stored[KEY].item
    assert (stored["balance"], stored["hourly_rate"]) == (Decimal(digits), Decimal("0.1"))


def test_read_answers_the_record_and_its_version(ann: Service) -> None:
    answer = ann.call("GET", "/employees/7")
    assert (answer.status, answer.headers["ETag"], answer.body) == (200, '"1-0123abcd"', ANN)


@pytest.mark.parametrize("identity", ["José Ñ", "a/b", "🙂#?%41", "a+b", "x'\"<y>"])
def test_read_reaches_every_id_that_v1_may_hold(service: Service, identity: str) -> None:
    key = Key(f"EMPLOYEE#{identity}", "PROFILE")
    service.records.create({"PK": key.partition, "SK": "PROFILE", "employee_id": identity}, key)
    answer = service.call("GET", f"/employees/{quote(identity, safe='')}")
    assert (answer.status, answer.body) == (200, {"employee_id": identity})


@pytest.mark.parametrize("identity", ["\ud800", "\x00\x1b[31m\n"])
def test_read_of_an_id_that_is_no_text_is_not_found_and_no_fault(
    service: Service, identity: str
) -> None:
    request = {**event("GET", "/employees/x"), "rawPath": f"/employees/{identity}"}
    assert service.send(request).status == 404


def test_a_header_that_names_another_method_changes_nothing(ann: Service) -> None:
    headers = {"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "DELETE"}
    assert ann.call("GET", "/employees/7", None, headers).status == 200
    assert ann.call("GET", "/employees/7?_method=DELETE").status == 200
    assert ann.records.stored[KEY].version == 1


def test_read_of_an_absent_record_is_not_found(service: Service) -> None:
    answer = service.call("GET", "/employees/8")
    assert answer.status == 404
    assert answer.body == {
        "code": "not_found",
        "message": "there is no record with this key",
        "field": None,
        "request_id": "request-1",
    }


def test_change_sets_and_removes_and_gives_the_next_version(ann: Service) -> None:
    body = {"team_id": "T-1", "employee_number": None, "nickname": "A"}
    answer = ann.call("PATCH", "/employees/7", body, {"If-Match": '"1-0123abcd"'})
    assert (answer.status, answer.headers["ETag"]) == (200, '"2-0123abcd"')
    assert answer.body == {**ANN, "team_id": "T-1", "nickname": "A"}
    assert ann.call("PATCH", "/employees/7", {"nickname": None}).body == {**ANN, "team_id": "T-1"}


@pytest.mark.parametrize("given", ['"9"', '"9-0123abcd"', '"1-ffffffff"', '"1-0"'])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stale_etag_is_a_conflict(ann: Service, method: str, given: str) -> None:
    body = {"role": "admin"} if method == "PATCH" else None
    answer = ann.call(method, "/employees/7", body, {"If-Match": given})
    assert (answer.status, answer.body["code"]) == (409, "version_conflict")
    assert answer.body["message"] == "the record has another version; read it again"


@pytest.mark.parametrize(
    "given",
    [
        "7",
        'W/"1"',
        '"1-"',
        '"1-X123abcd"',
        '"x"',
        '"1", "2"',
        '"-1"',
        '""',
        '"1\u0663"',
        '"1' * 9999,
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_an_if_match_that_is_no_etag_of_ours_is_refused(
    ann: Service, method: str, given: str
) -> None:
    body = {"role": "admin"} if method == "PATCH" else None
    answer = ann.call(method, "/employees/7", body, {"If-Match": given})
    assert (answer.status, answer.body["field"]) == (400, "If-Match")
    assert ann.records.stored[KEY].version == 1


@pytest.mark.parametrize("given", [None, "*", '"1"', '"1-0123abcd"'])
def test_delete_answers_nothing_and_the_record_is_gone(ann: Service, given: str | None) -> None:
    answer = ann.call("DELETE", "/employees/7", None, {"if-match": given} if given else None)
    assert (answer.status, answer.text) == (204, "")
    assert ann.call("GET", "/employees/7").status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("{", "body"),
        ("", "body"),
        ("null", "body"),
        ("[]", "body"),
        ('[{"full_name": "Ann"}]', "body"),
        ('{"full_name": "Ann", "full_name": "Bob"}', "body"),
        ('{"full_name": "Ann", "x": NaN}', "body"),
        ('{"full_name": "Ann", "x": 1e999999999999999999999}', "body"),
        ('{"full_name": "Ann", "": 1}', "body"),
        ("{}", "full_name"),
        ('{"full_name": ""}', "full_name"),
        ('{"full_name": "\\ud800"}', "full_name"),
        ('{"full_name": "Ann", "x": 1e126}', "x"),
        ('{"full_name": "Ann", "x": 123456789012345678901234567890123456789}', "x"),
        ('{"full_name": "Ann", "x": {"$set": []}}', "x"),
        ('{"full_name": "Ann", "x": {"$set": [1, "a"]}}', "x"),
        ('{"full_name": "Ann", "x": {"$set": [null]}}', "x"),
        ('{"full_name": "Ann", "x": {"$binary": "?"}}', "x"),
        ('{"full_name": "Ann", "x": {"$binary": 1}}', "x"),
        ('{"full_name": "Ann", "x": ' + "[" * 40 + "]" * 40 + "}", "x"),
        ('{"full_name": "Ann", "PK": "EMPLOYEE#8"}', "PK"),
        ('{"full_name": "Ann", "_cutover_version": 9}', "_cutover_version"),
        ('{"full_name": "Ann", "project_id": "P"}', "project_id"),
        ('{"full_name": "Ann", "created_by": "Bob"}', "created_by"),
        ('{"full_name": "Ann", "' + "n" * 65_536 + '": 1}', "body"),
        ('{"full_name": "Ann", "x": {"' + "ü" * 32_768 + '": 1}}', "x"),
        ('{"full_name": "Ann", "hourly_rate": -1}', "hourly_rate"),
        ('{"full_name": "Ann", "status": "gone"}', "status"),
    ],
)
def test_create_refuses_a_bad_body_naming_the_field_and_stores_nothing(
    service: Service, body: str, field: str
) -> None:
    answer = service.call("POST", "/employees", body)
    assert (answer.status, answer.body["code"]) == (400, "invalid_input")
    assert answer.body["field"] == field
    assert service.records.stored == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "body"), ({"status": None}, "status"), ({"employee_id": "8"}, "employee_id")],
)
def test_change_refuses_a_bad_body_naming_the_field(
    ann: Service, body: dict[str, Any], field: str
) -> None:
    answer = ann.call("PATCH", "/employees/7", body)
    assert (answer.status, answer.body["field"]) == (400, field)


def test_a_body_that_is_not_utf_8_is_refused(service: Service) -> None:
    answer = service.call("POST", "/employees", encoded=b'{"full_name": "\xff"}')
    assert (answer.status, answer.body["field"]) == (400, "full_name")


def test_a_body_in_base64_is_read(service: Service) -> None:
    encoded = json.dumps({"full_name": "Zoë"}, ensure_ascii=False).encode()
    assert service.call("POST", "/employees", encoded=encoded).body["full_name"] == "Zoë"


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
)
def test_a_body_that_is_not_json_is_refused(service: Service, kind: str) -> None:
    answer = service.call("PATCH", "/employees/7", "nickname=A", {"content-type": kind})
    assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type")


def test_a_refusal_never_repeats_what_was_sent(service: Service) -> None:
    for body in (
        {"full_name": "Ann", "phone": 5550100},
        {"full_name": "x" * 201},
        {"full_name": "Ann", "status": "secretly"},
        {"full_name": "Ann", "created_at": "yesterday at noon"},
    ):
        text = service.call("POST", "/employees", body).text
        assert not any(each in text for each in ("5550100", "xxx", "secretly", "noon"))


@pytest.mark.parametrize(
    ("query", "parameters", "values"),
    [
        ("name=Ann%20%C3%96z", ("name",), {"name": "Ann Öz"}),
        ("name=Smith,%20John", ("name",), {"name": "Smith, John"}),
        ("number=EMP1", ("number",), {"number": "EMP1"}),
        ("team=T-1", ("team",), {"team": "T-1"}),
        ("status=active&role=user", ("role", "status"), {"role": "user", "status": "active"}),
    ],
)
def test_list_asks_for_the_search_of_its_parameters(
    ann: Service, query: str, parameters: tuple[str, ...], values: dict[str, str]
) -> None:
    answer = ann.call("GET", f"/employees?{query}")
    assert (answer.status, answer.body) == (200, {"items": [ANN], "next": None})
    ((search, given, cursor, limit),) = ann.records.searched
    assert (search.parameters, given, cursor, limit) == (parameters, values, None, 50)


def test_list_goes_on_where_its_cursor_says(ann: Service) -> None:
    ann.records.page_end = {"table": "source", "start": {"PK": {"S": "é"}}}
    following = ann.call("GET", "/employees?team=T&limit=1").body["next"]
    assert ann.call("GET", f"/employees?team=T&limit=1&cursor={following}").status == 200
    assert [each[2:] for each in ann.records.searched] == [(None, 1), (ann.records.page_end, 1)]


@pytest.mark.parametrize("cursor", ["x", "ää", "AAAA", "e30", "e30%3D"])
def test_list_refuses_a_cursor_it_did_not_give(ann: Service, cursor: str) -> None:
    answer = ann.call("GET", f"/employees?team=T&cursor={cursor}")
    assert (answer.status, answer.body["field"]) == (400, "cursor")


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("", None, "name, or number, or team, or role and status"),
        ("?limit=5", None, "say what to look for"),
        ("?nam=Ann", "nam", "there is no query parameter nam"),
        ("?role=user", "status", "role needs status as well"),
        ("?status=active", "role", "status needs role as well"),
        ("?name=Ann&team=T", "team", "these do not go together"),
        ("?name=", "name", "at least 1 character"),
        ("?team=T&limit=0", "limit", "greater than or equal to 1"),
        ("?team=T&limit=101", "limit", "less than or equal to 100"),
        ("?team=T&limit=x", "limit", "valid integer"),
        ("?team=T&limit=1&limit=2", "limit", ""),
        ("?name=" + "x" * 501, "name", "at most 500 characters"),
        ("?role=user&status=" + "x" * 257, "status", "at most 256 characters"),
    ],
)
def test_list_refuses_wrong_parameters_naming_the_one(
    ann: Service, query: str, field: str | None, said: str
) -> None:
    answer = ann.call("GET", f"/employees{query}")
    assert (answer.status, answer.body["field"]) == (400, field)
    assert said in answer.body["message"]
    assert ann.records.searched == []


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (AlreadyExists("x"), 409, "already_exists"),
        (NotInPhase("x", field="hours_week"), 409, "not_in_phase"),
        (RecordHeld("x"), 423, "record_held"),
        (PageExpired("x", field="cursor"), 410, "page_expired"),
        (LeaseLost("x"), 503, "lease_lost"),
        (OutcomeUnknown("x"), 503, "outcome_unknown"),
        (Throttled("x"), 503, "throttled"),
        (Contended("x"), 503, "contended"),
        (Refused("secret"), 500, "internal"),
        (CutoverError("secret"), 500, "internal"),
        (KeyError("secret"), 500, "internal"),
    ],
)
@pytest.mark.parametrize(
    "url", ["GET /employees/7", "GET /employees?team=T", "DELETE /employees/7"]
)
def test_each_error_has_its_status_and_code(
    service: Service, error: Exception, status: int, code: str, url: str
) -> None:
    service.records.broken = error
    answer = service.call(*url.split())
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["field"] == getattr(error, "field", None)
    assert ("Retry-After" in answer.headers) is (status == 503)
    assert "secret" not in answer.text


@pytest.mark.parametrize("url", ["GET /", "PUT /employees/7", "GET /people", "POST /health"])
def test_an_unknown_route_is_not_found(service: Service, url: str) -> None:
    answer = service.call(*url.split())
    assert (answer.status, answer.body["code"]) == (404, "not_found")


def test_health_answers_without_the_engine(service: Service) -> None:
    service.records.broken = LeaseLost("no phase")
    answer = service.call("GET", "/health")
    assert (answer.status, answer.body) == (200, {"status": "ok"})


def test_openapi_is_valid_and_describes_every_route(service: Service) -> None:
    document = json.loads(service.call("GET", "/openapi.json").text)
    validate(document)
    assert document["info"]["title"] == "Personnel v1 to v2"
    assert document["components"]["securitySchemes"]["bearer"]["bearerFormat"] == "JWT"
    assert document["security"] == [{"bearer": []}]
    assert document["paths"]["/health"]["get"]["security"] == []
    routes = {(path, verb) for path, verbs in document["paths"].items() for verb in verbs}
    assert routes == {
        ("/employees", "post"),
        ("/employees", "get"),
        ("/employees/{id}", "get"),
        ("/employees/{id}", "patch"),
        ("/employees/{id}", "delete"),
        ("/health", "get"),
    }
    assert {"Employee", "EmployeeCreate", "EmployeeChange", "EmployeePage", "Refusal"} <= set(
        document["components"]["schemas"]
    )
    listed = document["paths"]["/employees"]["get"]["parameters"]
    names = {each["name"] for each in listed}
    assert names == {"name", "number", "team", "role", "status", "limit", "cursor"}
    changed = document["paths"]["/employees/{id}"]["patch"]
    assert {each["name"] for each in changed["parameters"]} == {"id", "if-match"}
    created = document["paths"]["/employees"]["post"]
    assert created["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith(
        "/EmployeeCreate"
    )
    assert set(created["responses"]) == {"201", "400", "409", "415", "423", "500", "503"}


def test_a_body_of_more_attributes_than_one_write_can_set_is_refused(service: Service) -> None:
    body = {"full_name": "Ann", **{f"a{number}": number for number in range(LARGEST_CHANGE)}}
    answer = service.call("POST", "/employees", json.dumps(body))
    assert (answer.status, answer.body["field"]) == (400, "body")
    assert str(LARGEST_CHANGE) in answer.body["message"]
