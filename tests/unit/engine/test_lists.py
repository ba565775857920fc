"""Lists and the routing of reads: which table answers, and where a list goes on."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from migrations.personnel.migration import API, MIGRATION
from migrations.personnel.numbers import generated
from shared.engine.reading import answerable, route
from shared.engine.records import RecordPage, Records
from shared.model.control import ControlState
from shared.model.declaration import Search
from shared.model.errors import InvalidInput, NotFound, PageExpired
from shared.model.phases import PAIRED, Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage

BY_NAME, BY_NUMBER, BY_TEAM, BY_ROLE = API.searches
PHASES = list(PAIRED)
TEAM = {"team": "T1"}


def pages(
    records: Records, search: Search, values: dict[str, str], limit: int
) -> Iterable[RecordPage]:
    """Yield all pages of a list, each cursor as it comes back from a caller."""
    cursor: Any = None
    while True:
        page = records.search(search, values, cursor, limit)
        yield page
        if page.next is None:
            return
        cursor = json.loads(json.dumps(page.next))


def names(records: Records, search: Search, values: dict[str, str], limit: int = 3) -> list[str]:
    found = [
        str(record.item["employee_id"])
        for page in pages(records, search, values, limit)
        for record in page.records
    ]
    assert len(found) == len(set(found)), "a record is listed twice"
    return sorted(found)


def team(phase: Phase, **given: Any) -> Conductor:
    """Return a migration with ten people of one team, some of another, and other kinds of item."""
    items = [
        legacy(f"A{at}", project_id="T1", full_name="Ann", active=at % 2 == 0) for at in range(7)
    ]
    others = [legacy("B0", project_id="T2", full_name="Bob"), legacy("C0", full_name="Ann")]
    conductor = stage(*items, *others, phase=phase, **given)
    records = conductor.records()
    for at in range(3):
        item = person(
            f"N{at}", team_id="T1", full_name="Nina", role="admin", employee_number=f"7{at}"
        )
        records.create(item, key(f"N{at}"))
    return conductor


@pytest.mark.parametrize("phase", PHASES)
def test_a_list_when_read_by_each_search_expects_the_same_records_in_every_phase(
    phase: Phase,
) -> None:
    records = team(phase).records()
    everyone = sorted([*(f"A{at}" for at in range(7)), "N0", "N1", "N2"])
    for limit in (1, 3, 100):
        assert names(records, BY_TEAM, TEAM, limit) == everyone
        assert names(records, BY_NAME, {"name": "Nina"}, limit) == ["N0", "N1", "N2"]
        assert names(records, BY_NUMBER, {"number": "71"}, limit) == ["N1"]
        by_role = {"role": "user", "status": "inactive"}
        assert names(records, BY_ROLE, by_role, limit) == ["A1", "A3", "A5"]
    assert names(records, BY_NUMBER, {"number": generated("A3")}) == ["A3"]
    assert names(records, BY_NUMBER, {"number": generated("nobody")}) == []
    assert names(records, BY_TEAM, {"team": "T3"}) == []


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.VALIDATE])
def test_a_list_from_v1_when_it_holds_other_kinds_of_item_expects_them_left_out(
    phase: Phase,
) -> None:
    conductor = team(phase)
    conductor.load(Side.SOURCE, {"PK": "TEAM#T1", "SK": "PROFILE", "project_id": "T1"})
    assert "TEAM" not in str(names(conductor.records(), BY_TEAM, TEAM))
    assert len(names(conductor.records(), BY_ROLE, {"role": "admin", "status": "active"})) == 3


def test_a_list_when_records_are_excluded_expects_them_while_v1_answers() -> None:
    conductor = team(Phase.OFF)
    conductor.load(Side.SOURCE, legacy("X", project_id="T1", active="yes"))
    conductor.migrate(approve="auto", until="VALIDATE", exclude=["X"])
    assert "X" in names(conductor.records(), BY_TEAM, TEAM)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (Phase.VALIDATE, Phase.READ_N),
        (Phase.READ_N, Phase.READ_V2),
        (Phase.READ_N, Phase.VALIDATE),
        (Phase.READ_V2, Phase.WRITE_V2_ONLY),
        (Phase.READ_V2, Phase.VALIDATE),
        (Phase.OFF, Phase.READ_V2),
        (Phase.WRITE_V2_ONLY, Phase.READ_N),
    ],
)
def test_a_cursor_when_the_phase_moves_meanwhile_expects_the_list_finished_where_it_began(
    start: Phase, end: Phase
) -> None:
    conductor = team(start)
    everyone = names(conductor.records(), BY_TEAM, TEAM)
    first = conductor.records().search(BY_TEAM, TEAM, None, 4)
    assert first.next is not None
    conductor.go_to(end)
    found, cursor = list(first.records), json.loads(json.dumps(first.next))
    while cursor is not None:
        page = conductor.records().search(BY_TEAM, TEAM, cursor, 4)
        found += page.records
        cursor = page.next
    assert sorted(str(record.item["employee_id"]) for record in found) == everyone


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (Phase.VALIDATE, Phase.WRITE_V2_ONLY),
        (Phase.READ_V2, Phase.OFF),
        (Phase.VALIDATE, Phase.DECOMMISSIONED),
    ],
)
def test_a_cursor_when_its_table_no_longer_answers_expects_page_expired(
    start: Phase, end: Phase
) -> None:
    conductor = team(start)
    first = conductor.records().search(BY_TEAM, TEAM, None, 4)
    conductor.go_to(end)
    with pytest.raises(PageExpired):
        conductor.records().search(BY_TEAM, TEAM, first.next, 4)


def test_a_cursor_when_used_for_another_search_expects_a_refusal() -> None:
    records = team(Phase.VALIDATE).records()
    cursor = records.search(BY_TEAM, TEAM, None, 2).next
    for search, values in ((BY_TEAM, {"team": "T2"}), (BY_NAME, {"name": "T1"})):
        with pytest.raises(InvalidInput) as refusal:
            records.search(search, values, cursor, 2)
        assert refusal.value.field == "cursor"


# -- routing


@pytest.mark.parametrize("phase", [p for p in PAIRED if p is not Phase.READ_N])
def test_a_read_when_not_in_the_ramp_expects_the_primary(phase: Phase) -> None:
    assert route(ControlState("m", phase, percent=50), "k") is phase.primary


@pytest.mark.parametrize("percent", [0, 1, 10, 50, 99, 100])
def test_reads_when_ramped_expect_about_that_share_on_v2(percent: int) -> None:
    state = ControlState("m", Phase.READ_N, percent=percent)
    share = sum(route(state, f"EMPLOYEE#{at}") is Side.TARGET for at in range(5000)) / 50
    assert abs(share - percent) < 2.5
    if percent in (0, 100):
        assert share == percent


def test_a_key_when_the_share_grows_expects_never_to_go_back_to_v1() -> None:
    for at in range(300):
        sides = [
            route(ControlState("m", Phase.READ_N, percent=percent), str(at))
            for percent in range(101)
        ]
        assert sides == sorted(sides, key=list(Side).index)


def test_a_read_in_the_ramp_when_routed_expects_that_table_and_no_other() -> None:
    conductor = stage(*[legacy(f"E{at}") for at in range(40)], phase=Phase.READ_N, percent=50)
    for at in range(40):
        item = conductor.stored(Side.TARGET, key(f"E{at}")) or {}
        conductor.load(Side.TARGET, {**item, "seen_in": "v2"})
    state = conductor.state
    records = conductor.records()
    for at in range(40):
        where = route(state, f"EMPLOYEE#E{at}|PROFILE")
        for _ in range(2):
            shown = records.get(key(f"E{at}")).item
            assert ("seen_in" in shown) is (where is Side.TARGET)


@pytest.mark.parametrize("certified", [True, False])
@pytest.mark.parametrize("phase", PHASES)
def test_a_table_when_a_list_began_there_expects_to_answer_only_while_kept_up_to_date(
    phase: Phase, certified: bool
) -> None:
    proven = stage(phase=Phase.VALIDATE).state.certificate
    assert proven is not None
    state = ControlState(
        "personnel", phase=phase, certificate=proven if certified and phase.dual else None
    )
    kept = {side for side in Side if answerable(state, side)}
    alike = phase is Phase.READ_N or (phase.dual and certified)
    assert kept == (set(Side) if alike else {phase.primary})


# -- strict reads


def calls_of_a_read(conductor: Conductor) -> set[str]:
    calls: set[str] = set()
    records = conductor.watched(before=calls.add).records()
    records.get(key("A"))
    with pytest.raises(NotFound):
        records.get(key("nobody"))
    return calls & {"get", "get_together"}


@pytest.mark.parametrize("strict", [True, False])
def test_reads_when_strict_expect_both_tables_from_the_ramp_until_v2_has_settled(
    strict: bool,
) -> None:
    conductor = stage(legacy("A"), migration=replace(MIGRATION, strict_reads=strict))
    together = {"get_together"} if strict else {"get"}
    seen = {}
    for phase in (Phase.VALIDATE, Phase.READ_N, Phase.READ_V2, Phase.WRITE_V2_ONLY):
        conductor.migrate(approve="auto", until=phase.value, ramp=[50])
        seen[phase] = calls_of_a_read(conductor)
        conductor.settle()
        if phase is Phase.READ_V2:
            assert calls_of_a_read(conductor) == {"get"}
    assert seen == {
        Phase.VALIDATE: {"get"},
        Phase.READ_N: together,
        Phase.READ_V2: together,
        Phase.WRITE_V2_ONLY: {"get"},
    }
