"""The API over the real engine in RAM: the same bodies in every phase, and v1's shape in v1."""

from decimal import Decimal

import pytest

from migrations.personnel.migration import MIGRATION
from migrations.personnel.numbers import generated
from shared.engine.records import Records
from shared.memory.world import MemoryParts, memory_parts
from shared.model.control import AuditEntry, ControlState
from shared.model.environment import LOCAL
from shared.model.item import Item
from shared.model.key import Key
from shared.model.phases import Phase
from shared.model.writes import Put, Side
from tests.unit.functions.serve_records.service import Service

KEY = Key("EMPLOYEE#7", "PROFILE")
BODY = {"full_name": "Ann", "employee_id": "7", "team_id": "T-1", "role": "admin", "nickname": "A"}
PHASES = [Phase.OFF, Phase.DUAL_WRITE, Phase.READ_V2, Phase.WRITE_V2_ONLY]


def _parts(phase: Phase) -> MemoryParts:
    parts = memory_parts(MIGRATION)
    state = ControlState("personnel", phase=phase, revision=1)
    parts.control.write(state, 0, AuditEntry("personnel", 0.0, 0, "test", "test", "test"))
    return parts


def _service(parts: MemoryParts) -> Service:
    return Service(Records(parts.world(LOCAL)))


def _stored(parts: MemoryParts, side: Side) -> Item | None:
    item = parts.tables.get(side, KEY)
    return None if item is None else MIGRATION.stamps.strip(item)


@pytest.mark.parametrize("phase", PHASES)
def test_a_record_has_the_same_shape_in_every_phase(phase: Phase) -> None:
    parts = _parts(phase)
    service = _service(parts)
    created = service.call("POST", "/employees", BODY)
    expected = {
        **BODY,
        "employee_number": generated("7"),
        "status": "active",
        "health_status": "fit_for_duty",
        "hourly_rate": 0,
        "hours_week": 0,
        "hours_month": 0,
        "certifications": [],
        "created_by": "MIGRATION_SCRIPT",
    }
    assert (created.status, created.body) == (201, expected)
    assert service.call("GET", "/employees/7").body == expected
    for query in (
        "name=Ann",
        f"number={generated('7')}",
        "team=T-1",
        "role=admin&status=active",
    ):
        assert service.call("GET", f"/employees?{query}").body["items"] == [expected], query
    first = {"If-Match": created.headers["ETag"]}
    changed = service.call("PATCH", "/employees/7", {"status": "inactive", "team_id": None}, first)
    del expected["team_id"]
    assert (changed.status, changed.headers["ETag"]) == (
        200,
        first["If-Match"].replace("1", "2", 1),
    )
    assert changed.body == {**expected, "status": "inactive"}
    found = service.call("GET", "/employees?role=admin&status=inactive").body["items"]
    assert found == [changed.body]
    assert service.call("DELETE", "/employees/7", None, first).status == 409
    assert service.call("DELETE", "/employees/7", None, {"If-Match": '"2"'}).status == 204
    assert service.call("GET", "/employees/7").status == 404


@pytest.mark.parametrize("phase", PHASES)
def test_each_table_gets_its_own_shape(phase: Phase) -> None:
    parts = _parts(phase)
    _service(parts).call("POST", "/employees", BODY)
    source, target = _stored(parts, Side.SOURCE), _stored(parts, Side.TARGET)
    assert (source is not None) is (phase is not Phase.WRITE_V2_ONLY)
    assert (target is not None) is (phase is not Phase.OFF)
    if source is not None:
        assert (source["project_id"], source["active"]) == ("T-1", True)
        assert not source.keys() & {"team_id", "status", "employee_id", "health_status"}
    if target is not None:
        assert (target["team_id"], target["status"]) == ("T-1", "active")
        assert "project_id" not in target


@pytest.mark.parametrize(("phase", "status"), [(Phase.OFF, 409), (Phase.READ_V2, 200)])
def test_what_only_v2_can_hold_is_refused_until_v2_is_read(phase: Phase, status: int) -> None:
    service = _service(_parts(phase))
    service.call("POST", "/employees", BODY)
    answer = service.call("PATCH", "/employees/7", {"hours_week": 12.5})
    assert answer.status == status
    if status == 200:
        assert answer.body["hours_week"] == Decimal("12.5")
    else:
        assert (answer.body["code"], answer.body["field"]) == ("not_in_phase", "hours_week")


def test_a_legacy_record_has_version_0_and_can_be_changed_from_it() -> None:
    parts = _parts(Phase.OFF)
    parts.tables.write(Put(Side.SOURCE, {"PK": "EMPLOYEE#7", "SK": "PROFILE", "active": True}))
    service = _service(parts)
    assert service.call("GET", "/employees/7").headers["ETag"] == '"0-0"'
    answer = service.call("PATCH", "/employees/7", {"role": "admin"}, {"If-Match": '"0-0"'})
    assert (answer.status, answer.headers["ETag"]) == (200, '"1-0"')


def test_a_record_that_cannot_move_is_still_read_in_v1_and_held_from_dual_write_on() -> None:
    odd: Item = {"PK": "EMPLOYEE#7", "SK": "PROFILE", "full_name": "Ann", "active": "yes"}
    parts = _parts(Phase.DUAL_WRITE)
    parts.tables.write(Put(Side.SOURCE, odd))
    service = _service(parts)
    answer = service.call("GET", "/employees/7")
    assert (answer.status, answer.body["full_name"]) == (200, "Ann")
    assert "status" not in answer.body
    held = service.call("PATCH", "/employees/7", {"nickname": "A"})
    assert (held.status, held.body["field"]) == (423, "active")
    mended = service.call("PATCH", "/employees/7", {"status": "active"})
    assert (mended.status, mended.body["status"]) == (200, "active")
    source = _stored(parts, Side.SOURCE)
    assert source is not None
    assert source["active"] is True


@pytest.mark.parametrize("phase", PHASES)
def test_who_created_a_record_is_whom_the_token_names_and_no_body_says_otherwise(
    phase: Phase,
) -> None:
    service = _service(_parts(phase))
    assert service.call("POST", "/employees", BODY, caller="ada").body["created_by"] == "ada"
    claim = {"created_by": "bob"}
    posted = {**BODY, "employee_id": "8", **claim}
    for answer in (
        service.call("POST", "/employees", posted, caller="ada"),
        service.call("PATCH", "/employees/7", claim, caller="ada"),
        service.call("PATCH", "/employees/7", {"created_by": None}, caller="ada"),
    ):
        assert (answer.status, answer.body["field"]) == (400, "created_by")
    assert service.call("GET", "/employees/8").status == 404
    assert service.call("GET", "/employees/7").body["created_by"] == "ada"
