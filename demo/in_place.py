"""The acts of a migration in place: records get another shape where they lie, and go back."""

from collections.abc import Sequence

from demo.acts import Play
from demo.book import Book
from demo.records import put
from demo.stage import Stage
from demo.subjects import CAMPAIGNS, INTEGRATIONS, RECORDS, SEED, SUBJECTS, Subject, old_records
from demo.telling import act, expect, say
from demo.writers import Writers
from shared.model.in_place import InPlace
from shared.model.item import Item, WireItem, decode
from shared.model.phases import Phase

WRITERS = 3
DOUBTFUL = 4
TOUCHED = 5
"""Old records that callers change after the upgrade, so that they cannot simply go back."""
NAMED = 7
"""Records that go back by name."""
FOUND = {
    "missing": "records that had gone back are upgraded again",
    "unused": "records of the reference table that nobody refers to",
}
"""What the last validation finds, in words."""


def perform(deployed: Stage) -> Play:
    """Play all acts; the writers are stopped at the end, whatever happens."""
    subject = SUBJECTS[deployed.migration]
    book = Book(subject.target_only)
    writers = Writers(deployed, book, WRITERS, SEED, subject)
    play = Play(deployed, book, writers, say, subject)
    act("Act 1: the table is full of old records, the API is live, three writers never stop")
    doubtful = load(play, subject)
    writers.start()
    try:
        review(play, doubtful)
        before = stored(play)
        upgrade(play)
        home(play, before)
        named(play)
        finish(play)
    finally:
        writers.stop()
    writers.check()
    return play


def load(play: Play, subject: Subject, count: int = RECORDS) -> list[str]:
    """Load the table as an old application would have; return the keys of what is in doubt."""
    records = old_records(subject, count, DOUBTFUL)
    if subject is CAMPAIGNS:
        put(play.stage, play.stage.outputs["ReferenceTableName"], INTEGRATIONS)
    put(play.stage, play.stage.outputs["SourceTableName"], records)
    keys = subject.migration.source.keys
    for item in records[:-DOUBTFUL]:
        shown = subject.shown(next(iter(subject.migration.tables)), item)
        play.book.seed(str(shown[subject.id_field]), shown)
    say(f"{len(records)} old records, {DOUBTFUL} of them in doubt")
    return [keys.text(keys.key_of(item)) for item in records[-DOUBTFUL:]]


def review(play: Play, doubtful: Sequence[str]) -> None:
    """The dry run holds on records that no program should decide; a person decides."""
    act("Act 2: the dry run holds, and a person decides in the review queue")
    summary = play.travel("migrate", approve="auto")
    expect(summary["status"] == "HELD" and summary["phase"] == "OFF", summary)
    queue = play.command("review")["records"]
    for each in queue:
        say(f"{each['key']}: {each['reason']}")
    expect({each["key"] for each in queue} == set(doubtful), queue)
    for key in doubtful:
        shown = play.command("review", key)
        choice = next((each["name"] for each in shown["candidates"] if each["becomes"]), None)
        if choice is None:
            play.excluded.append(key)
            continue
        told = ("--choose", choice, "--shown", shown["fingerprint"], "--reason", "the demo looked")
        play.command("review", key, *told)
        say(f"{key}: a person chooses {choice}")
    say(f"{len(play.excluded)} without a candidate stay out of it, by name")


def upgrade(play: Play) -> None:
    """Forward by shares until every record is in the new shape."""
    act("Act 3: forward by shares, then every old record is upgraded")
    for goal in (Phase.WRITE_NEW, Phase.VALIDATE):
        given = {"exclude": play.excluded} if play.excluded else {}
        summary = play.travel("migrate", approve="auto", until=goal, **given)
        expect(summary["status"] == "SUCCEEDED" and summary["phase"] == goal, summary)
        play.count(goal)
    for record_id in play.book.untouched(TOUCHED):
        change: Item = {"serial": 1}
        path = f"{play.subject.path}/{record_id}"
        answer = play.stage.call("PATCH", path, play.stage.token(), change)
        expect(answer.status == 200, {"status": answer.status, "body": answer.body})
        play.book.acknowledge(record_id, answer.body, answer.version, change)
    say(f"callers change {TOUCHED} of the records that were upgraded")


def home(play: Play, before: dict[str, WireItem]) -> None:
    """Back to the old shape: byte by byte what nobody has written since, the rest is reported."""
    act("Act 4: roll back: what nobody has written since is restored byte by byte")
    summary = play.travel("rollback", to_phase=Phase.READ_BOTH, reason="the demo's turn")
    expect(summary["phase"] == Phase.READ_BOTH, summary)
    play.figures.rollbacks += 1
    conflicts = {each["key"] for each in play.report(summary)["findings"]}
    play.figures.conflicts += len(conflicts)
    play.figures.restored += int(summary["written"])
    after = stored(play)
    touched = {key_of(play, each) for each in play.book.changed()}
    wrong = [
        key
        for key, item in before.items()
        if key not in conflicts and key not in touched and after.get(key) != item
    ]
    expect(not wrong, wrong)
    new = [key for key, item in after.items() if key not in conflicts and is_new(play, item)]
    expect(not new, new)
    say(f"{summary['written']} restored byte-equal, {len(conflicts)} reported as changed since")
    play.count(Phase.READ_BOTH)
    act("Act 5: on to OFF: what was changed since is lowered, and nothing of it is lost")
    summary = play.travel("rollback", to_phase=Phase.OFF, reason="the demo's turn")
    expect(summary["status"] == "SUCCEEDED" and summary["phase"] == Phase.OFF, summary)
    expect(not any(is_new(play, item) for item in stored(play).values()), summary)
    play.figures.rollbacks += 1
    play.count(Phase.OFF)


def named(play: Play) -> None:
    """Forward again, and some records go back by name."""
    act("Act 6: forward again, and a few records go back by name")
    summary = play.travel("migrate", approve="auto", until=Phase.VALIDATE)
    expect(summary["status"] == "SUCCEEDED", summary)
    keys = [key_of(play, each) for each in play.book.untouched(TOUCHED + NAMED)[TOUCHED:]]
    summary = play.travel("rollback", keys=keys, reason="these only")
    expect(summary["status"] == "SUCCEEDED" and summary["phase"] == Phase.VALIDATE, summary)
    after = stored(play)
    expect(not any(is_new(play, after[key]) for key in keys), keys)
    play.figures.restored += int(summary["written"])
    say(f"{summary['written']} records are in the old shape again, readers take both")
    play.count(Phase.VALIDATE)


def finish(play: Play) -> None:
    """To the end: a last validation mends what went back, and is the proof."""
    act("Act 7: to DONE, with a validation as the proof")
    if play.excluded:
        play.approve(Phase.DONE, "--release-excluded", reason="they stay as they are")
    summary = play.travel("migrate", approve="auto")
    expect(summary["status"] == "SUCCEEDED" and summary["phase"] == Phase.DONE, summary)
    play.count(Phase.DONE)
    for kind, number in sorted(_findings(play).items()):
        say(f"{number} {FOUND.get(kind, kind)}")


def _findings(play: Play) -> dict[str, int]:
    """Return how many findings of each kind the last validation listed."""
    counted: dict[str, int] = {}
    for each in play.newest("validate")["findings"]:
        counted[each["kind"]] = counted.get(each["kind"], 0) + 1
    return counted


def stored(play: Play) -> dict[str, WireItem]:
    """Return every item of the table as it lies there, by its key as people write it."""
    keys = play.migration.source.keys
    pages = play.stage.client("dynamodb").get_paginator("scan")
    found: dict[str, WireItem] = {}
    for page in pages.paginate(TableName=play.migration.source.name, ConsistentRead=True):
        for item in page["Items"]:
            found[keys.text(keys.key_of(decode(item)))] = item
    return found


def is_new(play: Play, item: WireItem) -> bool:
    """Tell whether a stored item is in the new shape."""
    migration = in_place_migration(play)
    return migration.upgraded(migration.stamps.strip(decode(item)))


def key_of(play: Play, record_id: str) -> str:
    """Return a record's key as reports name it."""
    keys, api = play.migration.source.keys, play.migration.api
    return keys.text(api.key(record_id)) if api else record_id


def in_place_migration(play: Play) -> InPlace:
    """Return the migration of a play whose acts are these."""
    if not isinstance(play.migration, InPlace):
        raise RuntimeError(f"{play.migration.name} is not migrated in place")
    return play.migration
