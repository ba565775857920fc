"""A migration under writers while DynamoDB throttles, conflicts, fails and loses its answers."""

import json
from collections.abc import Iterator

import pytest
import urllib3

from demo.acts import Play
from demo.book import Book
from demo.writers import Writers
from local.places import endpoint
from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.model.phases import Phase
from tests.e2e.cloud import Cloud
from tests.e2e.watching import watch_streams

pytestmark = pytest.mark.e2e

SEED = 13
COUNT = 60
SHARE = 0.02
KINDS = ("refuse", "lose", "throttle", "conflict", "slow")


@pytest.fixture
def faults(cloud: Cloud) -> Iterator[str]:
    """Have both tables fail now and then, and be well again afterwards."""
    page = f"{endpoint(cloud.port)}/_cutover/faults"
    wish = {"tables": [cloud.v1, cloud.v2], "seed": SEED, "slow_seconds": 0.3}
    wish |= dict.fromkeys(KINDS, SHARE)
    answer = urllib3.request("PUT", page, body=json.dumps(wish).encode())
    assert answer.status == 200, answer.data
    yield page
    urllib3.request("DELETE", page)


def test_a_migration_when_every_fault_happens_loses_nothing(cloud: Cloud, faults: str) -> None:
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
        there = play.travel("migrate", approve="auto", until="READ_V2", ramp=[50, 100])
        happened = urllib3.request("GET", faults).json()["happened"]
        urllib3.request("DELETE", faults)  # reading back is no part of it
        play.count(Phase.READ_V2)
    finally:
        writers.stop()
    writers.check()
    assert (there["status"], there["phase"]) == ("SUCCEEDED", "READ_V2")
    assert all(happened[kind] for kind in KINDS), happened
    figures = play.figures
    assert (figures.lost, figures.stale, figures.zombies) == (0, 0, 0)
    assert figures.records_read_back > COUNT
    assert "void certificate" not in _told_by_the_tripwire(cloud)


def _told_by_the_tripwire(cloud: Cloud) -> list[str]:
    """Return what it did; a record that a lost answer made twice may be mended before a pass."""
    entries = cloud.ledger("")
    return [str(each["action"]) for each in entries if each.get("actor") == "tripwire"]
