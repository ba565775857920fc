"""A migration under writers while DynamoDB throttles, conflicts, fails and loses its answers."""

from collections.abc import Iterator
from typing import Any

import pytest

from demo.acts import Play
from demo.book import Book
from demo.writers import Writers
from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.model.phases import Phase
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.faults import Faults, faulty
from tests.e2e.watching import watch_streams

pytestmark = pytest.mark.e2e

SEED = 13
COUNT = 60
SHARE = 0.02
KINDS = ("refuse", "lose", "throttle", "conflict", "cancel", "slow", "hang")
OTHERS = ("partial", "repeat", "late", "twice", "time_out")
BEGUN_AGAIN = 10
"""How often at most the operator begins again what an alarm has kept from going on."""
CALLED_ONCE = "cutover-personnel-serve-records"
"""By API Gateway; the callers of all others call again where an answer is lost."""


@pytest.fixture
def faults(cloud: Cloud) -> Iterator[Faults]:
    """Have tables, S3, streams and functions fail now and then, and be well again afterwards."""
    functions = cloud.client("lambda").list_functions()["Functions"]
    names = {each["FunctionName"] for each in functions} - {CALLED_ONCE}
    with faulty(
        cloud,
        tables=[cloud.v1, cloud.v2],
        services=["s3"],
        functions=sorted(names),
        seed=SEED,
        slow_seconds=0.3,
        **{**dict.fromkeys(KINDS, SHARE), "cancel": 0.05},
        partial=0.3,
        repeat=0.2,
        late=0.2,
        twice=1.0,
        time_out=0.04,
    ) as asked:
        yield asked


def test_a_migration_when_every_fault_happens_and_every_step_is_done_twice_loses_nothing(
    cloud: Cloud, faults: Faults
) -> None:
    watch_streams(cloud)
    book = Book(MIGRATION.target_only)
    writers = Writers(cloud, book, 2, SEED)
    play = Play(cloud, book, writers, print)
    records = generate(SEED, COUNT)
    for item in records:
        image = MIGRATION.up(item)
        book.seed(str(image["employee_id"]), image)
    cloud.put(cloud.v1, records)
    writers.start()
    try:
        there = _arrived(cloud, play)
        happened = faults.happened()
        faults.end()  # reading back is no part of it
        play.count(Phase.READ_V2)
    finally:
        writers.stop()
    writers.check()
    assert (there["status"], there["phase"]) == ("SUCCEEDED", "READ_V2")
    assert all(happened[kind] for kind in (*KINDS, *OTHERS)), happened
    figures = play.figures
    assert (figures.lost, figures.stale, figures.zombies) == (0, 0, 0)
    assert figures.records_read_back > COUNT
    assert "void certificate" not in _told_by_the_tripwire(cloud)


def _arrived(cloud: Cloud, play: Play) -> dict[str, Any]:
    """Go to READ_V2 as an operator does: what an alarm refused is begun again once it is over.

    While v1 is written alone, a create that met an error may have happened (503): one in a
    second is enough for the local cloud's alarm, with which no migration begins.
    """
    for _ in range(BEGUN_AGAIN):
        eventually(cloud.quiet)
        try:
            return play.travel("migrate", approve="auto", until="READ_V2", ramp=[50, 100])
        except RuntimeError as error:
            if "is in ALARM" not in str(error):
                raise
    raise AssertionError(f"an alarm each time, {BEGUN_AGAIN} times")


def _told_by_the_tripwire(cloud: Cloud) -> list[str]:
    """Return what it did; a record that a lost answer made twice may be mended before a pass."""
    entries = cloud.ledger("")
    return [str(each["action"]) for each in entries if each.get("actor") == "tripwire"]
