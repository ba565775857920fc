"""What a caller may send, however odd, is answered or refused: a fault would roll back a migration.

Every declared migration that has an API, in each of its phases, over the engine in RAM.
"""

import json
from typing import Any

import pytest

from functions.serve_records.application import Serving, build
from functions.serve_records.cursors import Cursors
from functions.serve_records.observation import Observation, Serve
from shared import catalogue
from shared.engine.in_place.records import InPlaceRecords
from shared.engine.records import Records
from shared.engine.world import in_place, paired
from shared.memory.world import memory_parts
from shared.model.declaration import Migration
from shared.model.environment import LOCAL
from shared.model.in_place import InPlace
from shared.model.phases import Phase
from tests.unit.engine.conductor import Conductor
from tests.unit.functions.serve_records.service import CONTEXT, event

PLAIN: dict[str, dict[str, Any]] = {
    "personnel": {"full_name": "Ann"},
    "events": {"account_id": "a", "event_data": {"x": 1}, "provider": "generic"},
    "campaigns": {
        "name": "n",
        "account_id": "a",
        "campaign_type": "announcements",
        "native_config": {"kind": "announcements", "settings": {}},
    },
}
"""A body that creates a record, of each migration."""


def _nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {"a": 1}
    for _ in range(levels - 1):
        found = {"a": found}
    return found


DEEP = _nested(30)
STRIPE = {"object": "event", "type": ["x"], "created": 1e125}
SOURCE = {"integration_id": "i", "provider": "stripe", "metadata": DEEP, "settings": {}}
ODD: tuple[dict[str, Any], ...] = (
    {"x": {"$set": [""]}},
    {"x": {"$set": [1, 1.0]}},
    {"x": {"$binary": ""}},
    {"x": {"$map": {"$set": 1}}},
    {"x": DEEP},
    {"x": "y" * 410_000},
    {"x": ["y" * 100] * 4_000},
    {"x" * 65_536: 1},
    {"x\x00\n": 1, "a.b": 1, "a[0]": 2, "#n": 3, ":v": 4, "size": 1, "SET": 2},
    {"x": 1e125},
    {"x": -1e-130},
    {"model_config": 1, "__class__": 2, "model_extra": 3, "version": 4},
    {"_cutover_version": 1},
    {"canonical_event": {}},
    {"data_source": 1},
    {"active": True},
    {"created_by": "somebody"},
    {"event_data": DEEP},
    {"event_data": {"type": {"$set": [1]}, "provider": [1], "id": {"$binary": "AA=="}}},
    {"event_data": {**STRIPE, "data": {"object": {"amount": -1e125}}}, "provider": "stripe"},
    {"event_data": {"id": 1, "total_price": "NaN", "created_at": "0"}, "provider": "shopify"},
    {"event_data": {"id": 1, "total_price": "1e99999"}, "provider": "shopify"},
    {"provider": "\u0130"},
    {"native_config": {"kind": "announcements", "settings": DEEP}},
    {"data_sources": [SOURCE], "native_config": None},
    {"status": "\x00"},
    {"team_id": "\U0001f600" * 500},
    {"certifications": [DEEP]},
    {"hourly_rate": 10**37},
    {"created_at": "2026-01-01T00:00:00+99:99"},
    {"email": "\ud800"},
)


def _serving(migration: Migration, phase: Phase) -> Serve:
    """Return the API of a migration in a phase."""
    parts = memory_parts(migration)
    conductor = Conductor(parts, parts.world(LOCAL))
    conductor.go_to(phase, 50)
    records: Records | InPlaceRecords
    if isinstance(migration, InPlace):
        records = InPlaceRecords(in_place(conductor.world))
    else:
        records = Records(paired(conductor.world))
    observation = Observation(migration.name, records.meter)
    assert migration.api is not None
    serving = Serving(migration, migration.api, records, Cursors(lambda: "a secret"))
    return observation.of(build(serving, observation))


def _phases() -> list[Any]:
    served = [each for each in map(catalogue.load, catalogue.names()) if each.api is not None]
    return [
        pytest.param(each, phase, id=f"{each.name}-{phase}")
        for each in served
        for phase in each.way
    ]


@pytest.mark.parametrize(("migration", "phase"), _phases())
def test_an_odd_body_when_sent_in_any_phase_is_answered_or_refused_and_never_a_fault(
    migration: Migration, phase: Phase
) -> None:
    api, serve, plain = migration.api, _serving(migration, phase), PLAIN[migration.name]
    assert api is not None
    answered: list[tuple[int, int, str]] = []

    def send(case: int, method: str, path: str, body: Any = None) -> int:
        answer = serve(event(method, f"/{api.resource}{path}", body), CONTEXT)  # type: ignore[arg-type]  # what Lambda tells
        answered.append((case, answer["statusCode"], method))
        return int(answer["statusCode"])

    for case, odd in enumerate(ODD):
        send(case, "POST", "", {**plain, **odd, api.id_field: f"made-{case}"})
        assert send(case, "POST", "", {**plain, api.id_field: f"changed-{case}"}) == 201
        send(case, "PATCH", f"/changed-{case}", odd)
        assert send(case, "GET", f"/changed-{case}") == 200
        assert send(case, "DELETE", f"/changed-{case}") == 204
    assert [each for each in answered if each[1] >= 500] == []
    assert {status for _, status, _ in answered} >= {200, 201, 400}


@pytest.mark.parametrize(
    "request_",
    [
        event("POST", "/employees", {"full_name": "Zoë Quill", "created_by": "Zoë Quill"}),
        event("POST", "/employees", {"Zoë Quill": 1}),
        event("GET", "/employees?name=Zo%C3%AB%20Quill&cursor=Zo%C3%AB%20Quill"),
        event("GET", "/employees/Zo%C3%AB%20Quill%0A%1B"),
        event("PATCH", "/employees/7", {"role": "x"}, {"If-Match": "Zoë Quill\r\n{}"}),
        event("GET", "/employees/7", None, {"User-Agent": "Zoë Quill\r\n{}", "X-Zoë": "Zoë Quill"}),
    ],
)
def test_a_log_when_a_request_names_a_person_in_any_part_of_it_names_nobody_and_gets_no_line_more(
    request_: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    serve = _serving(catalogue.load("personnel"), Phase.DUAL_WRITE)
    capsys.readouterr()
    serve({**request_, "routeKey": "GET /employees/{id}"}, CONTEXT)  # type: ignore[arg-type]  # as above
    told = capsys.readouterr().out
    assert "Quill" not in told
    assert [json.loads(line) for line in told.splitlines()]
