"""Events are upgraded in place under writers and faults, go back, and meet every bad payload."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from demo.acts import Play
from demo.book import Book
from demo.in_place import is_new, load, stored
from demo.subjects import EVENTS
from demo.writers import Writers
from migrations.events.providers import registered
from shared.model.item import Item, decode
from shared.model.phases import Phase
from tests.e2e.apart import ENGINE, deployed_alone
from tests.e2e.cloud import Cloud
from tests.e2e.faults import faulty

pytestmark = pytest.mark.e2e

NAME = EVENTS.migration.name
SEED, COUNT = 17, 120
KINDS = ("throttle", "conflict", "slow")
"""What a caller does not notice: an alarm would take all writes back to the old shape."""
CALLED_ONCE = f"cutover-{NAME}-serve-records"
"""By API Gateway; the callers of all others call again where an answer is lost."""
DEEPEST = {"moto": 32, "local": 31}[ENGINE]
"""Levels of one attribute: AWS's quota; DynamoDB Local has one less (test_differences.py)."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """Deploy the migration by itself."""
    with deployed_alone(tmp_path_factory.mktemp("in_place_events"), NAME) as cloud:
        yield cloud


def nested(levels: int) -> Item:
    inner: Item = {"deep": "end"}
    for _ in range(levels - 1):
        inner = {"deep": inner}
    return inner


BAD: dict[str, Item] = {
    "unknown-provider": {"provider": "nobody-knows", "event_data": {"what": "ever"}},
    "no-provider": {"event_data": {"what": "ever"}},
    "cut-short": {"provider": "shopify", "event_data": {"id": Decimal(1)}},
    "deep": {"provider": "nobody-knows", "event_data": nested(DEEPEST)},
    "huge": {"provider": "nobody-knows", "event_data": {"text": "x" * 399 * 1024}},
}
"""Payloads that a service must take as they come."""


def test_bad_payloads_when_posted_in_off_are_kept_as_they_came(cloud: Cloud) -> None:
    token = cloud.token()
    for name, body in BAD.items():
        given = {"event_id": f"off-{name}", "account_id": "acc-1", **body}
        answer = cloud.call("POST", "/events", token, given)
        assert answer.status == 201, (name, answer.status, answer.body)
        read = cloud.call("GET", f"/events/off-{name}", token)
        assert read.body["event_data"] == body["event_data"]
    again = {"event_id": "off-cut-short", "account_id": "acc-1", **BAD["cut-short"]}
    answer = cloud.call("POST", "/events", token, again)
    assert (answer.status, answer.body["code"]) == (409, "already_exists")


def test_a_journey_under_writers_when_every_fault_happens_loses_nothing_either_way(
    cloud: Cloud,
) -> None:
    book = Book(EVENTS.target_only)
    writers = Writers(cloud, book, 2, SEED, EVENTS)
    play = Play(cloud, book, writers, print, EVENTS)
    play.excluded = [*load(play, EVENTS, COUNT), "off-huge", "off-cut-short"]
    functions = cloud.client("lambda").list_functions()["Functions"]
    names = sorted({each["FunctionName"] for each in functions} - {CALLED_ONCE})
    writers.start()
    try:
        with faulty(
            cloud,
            tables=[cloud.v1],
            services=["s3"],
            functions=names,
            seed=SEED,
            slow_seconds=0.2,
            **dict.fromkeys(KINDS, 0.02),
            twice=1.0,
            time_out=0.02,
        ) as faults:
            there = play.travel(
                "migrate", approve="auto", until="VALIDATE", ramp=[100], exclude=play.excluded
            )
            happened = faults.happened()
        play.count(Phase.VALIDATE)
        back = play.travel("rollback", to_phase=Phase.OFF, reason="the test's turn")
        play.count(Phase.OFF)
    finally:
        writers.stop()
    writers.check()
    assert (there["status"], there["phase"]) == ("SUCCEEDED", "VALIDATE")
    assert all(happened[kind] for kind in (*KINDS, "twice")), happened
    assert (back["status"], back["phase"]) == ("SUCCEEDED", "OFF")
    assert not any(is_new(play, item) for item in stored(play).values())
    figures = play.figures
    assert (figures.lost, figures.stale, figures.zombies) == (0, 0, 0)
    assert figures.records_read_back > COUNT


def test_a_second_try_when_s3_fails_arrives_and_an_event_in_doubt_waits_for_a_person(
    cloud: Cloud,
) -> None:
    book = Book(EVENTS.target_only)
    play = Play(cloud, book, Writers(cloud, book, 0, SEED, EVENTS), print, EVENTS)
    with faulty(cloud, services=["s3"], seed=SEED, refuse=0.2, lose=0.1) as faults:
        summary = cloud.run("migrate", approve="auto", until="VALIDATE", ramp=[100])
        happened = faults.happened()
    assert (summary["status"], summary["phase"]) == ("SUCCEEDED", "VALIDATE")
    assert all(happened[kind] for kind in ("refuse", "lose")), happened
    doubtful = {
        "event_id": "late",
        "account_id": "acc-1",
        "provider": "stripe",
        "event_data": dict(registered()["shopify"].shapes[0].example),
    }
    answer = cloud.call("POST", "/events", cloud.token(), doubtful)
    assert answer.status == 201
    held = cloud.run("validate", repair=True)
    assert held["status"] == "HELD"
    waiting = play.command("review")["records"]
    assert "late" in [each["key"] for each in waiting]
    shown = play.command("review", "late")
    choice = next(each["name"] for each in shown["candidates"] if each["becomes"])
    told = ("--choose", choice, "--shown", shown["fingerprint"], "--reason", "looked at it")
    play.command("review", "late", *told)
    again = cloud.run("validate", repair=True)
    late = next(item for key, item in stored(play).items() if key == "late")
    assert again["status"] == "SUCCEEDED"
    assert "canonical_event" in late


def test_bad_payloads_when_posted_in_the_new_shape_are_kept_and_the_rejected_one_is_named(
    cloud: Cloud,
) -> None:
    assert cloud.phase() == Phase.VALIDATE
    token = cloud.token()
    for name, body in BAD.items():
        given = {"event_id": f"new-{name}", "account_id": "acc-1", **body}
        answer = cloud.call("POST", "/events", token, given)
        assert answer.status == 201, (name, answer.status, answer.body)
        read = cloud.call("GET", f"/events/new-{name}", token)
        assert read.body["event_data"] == body["event_data"]
    stored = map(decode, cloud.stored(cloud.v1))
    posted = [each for each in stored if str(each["event_id"]).startswith("new-")]
    old = [each["event_id"] for each in posted if "canonical_event" not in each]
    assert (len(posted), old) == (len(BAD), ["new-cut-short"])
    held = cloud.run("validate", repair=True)
    found = cloud.document(held["report"])["findings"]
    assert (held["status"], [each["key"] for each in found]) == ("HELD", old)
