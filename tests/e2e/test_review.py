"""A person decides about records in doubt on the deployed cloud, and they migrate by themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from migrations.campaigns.migration import MIGRATION
from migrations.campaigns.sample import generate, integrations
from shared.model.item import Item, decode
from tests.e2e.apart import deployed_alone
from tests.e2e.cloud import Cloud, eventually
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

SEED, COUNT, DOUBTFUL = 8, 12, 4
NAME = MIGRATION.name
WHY = ("--reason", "asked the owner")


@dataclass
class Desk:
    """Somebody at a terminal before a migration in WRITE_NEW that has records in doubt."""

    cloud: Cloud
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)

    def json(self, *words: str, exits: int = 0) -> dict[str, Any]:
        return Terminal(self.cloud).json(*words, exits=exits)

    def stored(self, key: str) -> Item:
        answer = self.cloud.client("dynamodb").get_item(
            TableName=self.cloud.v1, Key={MIGRATION.source.keys.partition: {"S": key}}
        )
        return decode(answer["Item"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Deploy the migration by itself, upgrade what is clear, and find what is in doubt."""
    with deployed_alone(tmp_path_factory.mktemp("review"), NAME) as cloud:
        records = generate(SEED, COUNT, DOUBTFUL)
        cloud.put(cloud.outputs["ReferenceTableName"], integrations(SEED, COUNT))
        cloud.put(cloud.v1, records[:-DOUBTFUL])
        cloud.run("migrate", approve="auto", until="WRITE_NEW", ramp=[100])
        cloud.put(cloud.v1, records[-DOUBTFUL:])
        assert cloud.run("backfill")["ambiguous"] == DOUBTFUL
        found = Desk(cloud)
        for each in found.json("review", NAME, exits=1)["records"]:
            found.seen[each["key"]] = found.json("review", NAME, each["key"], exits=1)
        yield found


def decidable(desk: Desk) -> tuple[str, str, str]:
    """Return a record in doubt that has a candidate: its key, the candidate, its fingerprint."""
    for key, shown in desk.seen.items():
        for each in shown["candidates"]:
            if each["becomes"] and not MIGRATION.upgraded(desk.stored(key)):
                return key, each["name"], shown["fingerprint"]
    raise AssertionError("nothing in doubt has a candidate")


def test_the_queue_when_a_backfill_found_records_in_doubt_has_them_all(desk: Desk) -> None:
    assert len(desk.seen) == DOUBTFUL
    assert all(not MIGRATION.upgraded(desk.stored(key)) for key in desk.seen)


def test_a_record_when_decided_migrates_by_itself_and_the_log_says_who(desk: Desk) -> None:
    key, name, seen = decidable(desk)
    told = desk.json("review", NAME, key, "--choose", name, "--shown", seen, *WHY)
    assert told["execution"]
    eventually(lambda: MIGRATION.upgraded(MIGRATION.stamps.strip(desk.stored(key))))
    assert desk.stored(key)["_cutover_version"] == 1
    entries = desk.json("log", NAME, "--limit", "50")["entries"]
    [entry] = [each for each in entries if each["action"] == "decide"]
    assert (entry["detail"], entry["reason"]) == (f"{key}: candidate {name}", WHY[1])

    def ended() -> dict[str, Any] | None:
        [run] = desk.json("log", NAME, "--runs", "--limit", "1")["runs"]
        return run if run["status"] == "SUCCEEDED" else None

    run = eventually(ended)
    assert (run["kind"], run["processed"], run["succeeded"]) == ("backfill", 1, 1)
    assert run["requester"] == entry["actor"]
    assert desk.json("review", NAME, key)["in_doubt"] is False


def test_a_record_that_changed_since_it_was_shown_is_refused_and_left_alone(desk: Desk) -> None:
    key, name, seen = decidable(desk)
    changed = {**desk.stored(key), "note": "changed past the wrapper"}
    desk.cloud.put(desk.cloud.v1, [changed])
    words = ("review", NAME, key, "--choose", name, "--shown", seen, *WHY)
    assert desk.json(*words, exits=3)["error"]["code"] == "outdated"
    assert desk.stored(key) == changed
