"""What the machines refuse: a clear error each time, and nothing has changed."""

from typing import Any

import pytest

from migrations.personnel.sample import generate
from tests.e2e.cloud import Cloud, eventually

pytestmark = pytest.mark.e2e

CAUSE = {"message", "field", "run_id", "mend", "report"}
OURS = {"migration": "personnel"}
ARCHIVE = "s3://cutover-archive-123456789012-us-east-1"
NOWHERE = f"{ARCHIVE}/inputs/personnel/nowhere.json"
ELSEWHERE = f"{ARCHIVE}/reports/personnel/nowhere.json"

INVALID: list[tuple[str, Any, str, str]] = [
    ("migrate", OURS | {"untill": "READ_V2"}, "untill", "untill"),
    ("backfill", OURS | {"dryrun": True}, "dryrun", "dryrun"),
    ("validate", OURS | {"fix": True}, "fix", "fix"),
    ("rollback", OURS | {"phase": "OFF"}, "phase", "phase"),
    ("migrate", OURS | {"until": "READ_V9"}, "until", "READ_V2"),
    ("rollback", OURS | {"to_phase": "HOME"}, "to_phase", "DUAL_WRITE"),
    ("rollback", OURS | {"to_phase": "READ_N"}, "to_phase", "READ_N lies ahead of OFF"),
    ("rollback", OURS | {"keys": ["S5-00000"]}, "keys", "as a whole"),
    ("migrate", {}, "migration", "required"),
    ("validate", {"migration": "learners"}, "migration", "'personnel'"),
    ("backfill", ["personnel"], "input", "JSON object"),
    ("migrate", OURS | {"approve": "maybe"}, "approve", "'auto'"),
    ("migrate", OURS | {"ramp": [50, 10]}, "ramp", "above"),
    ("migrate", OURS | {"ramp": [0, 100]}, "ramp.0", "greater"),
    ("validate", OURS | {"mode": "half"}, "mode", "'sample'"),
    ("backfill", OURS | {"batch_size": 0}, "batch_size", "greater"),
    ("backfill", OURS | {"max_wcu": "fast"}, "max_wcu", "number"),
    ("migrate", OURS | {"exclude": ["nobody"]}, "exclude", "1 of 1 keys: number 1"),
    ("backfill", OURS | {"dry_run": True, "keys": ["nobody"]}, "keys", "1 of 1 keys: number 1"),
    ("migrate", OURS | {"exclude": NOWHERE}, "exclude", "NoSuchKey"),
    ("migrate", OURS | {"exclude": ELSEWHERE}, "exclude", "no list of personnel's"),
    ("backfill", OURS | {"resume_run_id": "no-such-run"}, "resume_run_id", "no-such-run"),
]
REFUSED = [
    ("validate", OURS, "not kept alike"),
    ("backfill", OURS, "not in OFF"),
]


@pytest.fixture(scope="module")
def filled(cloud: Cloud) -> Cloud:
    cloud.put(cloud.v1, generate(5, 10))
    return cloud


@pytest.mark.parametrize(("machine", "given", "field", "told"), INVALID)
def test_machine_when_its_input_is_wrong_names_the_field_and_changes_nothing(
    filled: Cloud, machine: str, given: Any, field: str, told: str
) -> None:
    before = _everything(filled)
    ended = filled.end(filled.begin_with(machine, given))
    assert (ended.status, ended.error) == ("FAILED", "InvalidInput")
    assert set(ended.cause) == CAUSE
    assert ended.cause["field"] == field
    assert told in ended.cause["message"]
    assert (ended.cause["run_id"], ended.cause["report"]) == (None, None)
    assert ended.cause["mend"]
    assert _everything(filled) == before


@pytest.mark.parametrize(("machine", "given", "told"), REFUSED)
def test_machine_when_the_phase_forbids_it_says_so_and_changes_nothing(
    filled: Cloud, machine: str, given: Any, told: str
) -> None:
    before = _everything(filled)
    ended = filled.end(filled.begin_with(machine, given))
    assert (ended.status, ended.error) == ("FAILED", "GuardRefused")
    assert set(ended.cause) == CAUSE
    assert told in ended.cause["message"]
    assert ended.cause["mend"]
    assert _everything(filled) == before


def test_machine_when_started_twice_refuses_the_second_naming_the_first(filled: Cloud) -> None:
    first = filled.begin("migrate", until="DUAL_WRITE")
    (run,) = eventually(lambda: [run for run in filled.ledger("RUN") if run.get("kind")])
    second = filled.end(filled.begin("migrate", until="READ_V2"))
    assert (second.status, second.error) == ("FAILED", "AlreadyRunning")
    assert set(second.cause) == CAUSE
    assert second.cause["run_id"] == run["run_id"]
    assert str(run["run_id"]) in second.cause["message"]
    ended = filled.end(first)
    assert (ended.output["status"], ended.output["phase"]) == ("SUCCEEDED", "DUAL_WRITE")
    assert ended.output["run_id"] == run["run_id"]


def _everything(cloud: Cloud) -> dict[str, list[str]]:
    """Return all that is stored in all tables."""
    return {table: sorted(map(str, cloud.stored(table))) for table in cloud.tables}
