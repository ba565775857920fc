"""The acts of a migration to another table: v1 moves to v2, back, forward, and is deleted."""

import time

from cli.views.layout import amount
from demo.acts import Play
from demo.book import Book
from demo.records import load_records, mend_one
from demo.stage import Stage
from demo.telling import act, expect, say
from demo.writers import Writers
from migrations.personnel.migration import MIGRATION
from shared.model.phases import Phase

WRITERS = 3
SEED = 20261121


def perform(deployed: Stage) -> Play:
    """Play all acts; the writers are stopped at the end, whatever happens."""
    book = Book(MIGRATION.target_only)
    writers = Writers(deployed, book, WRITERS, SEED)
    play = Play(deployed, book, writers, say)
    act("Act 1: v1 is full, the API is live, and three writers never stop")
    unmovable = load_records(deployed, book, SEED, say)
    writers.start()
    try:
        decide(play, unmovable)
        outage_and_home(play)
        forward_and_back(play)
        single_write_and_back(play)
        archive(play)
    finally:
        writers.stop()
    writers.check()
    return play


def decide(play: Play, unmovable: list[str]) -> None:
    """The dry run holds on records that no program should decide; a person decides."""
    act("Act 2: the dry run holds, and a person decides")
    summary = play.travel("migrate", approve="auto", until=Phase.VALIDATE)
    expect(summary["status"] == "HELD" and summary["phase"] == "OFF", summary)
    say(f"held with nothing moved: {summary['ambiguous']} ambiguous, {summary['failed']} failed")
    report = play.report(summary)
    for found in report["findings"]:
        say(f"  {found['key']}: {found['reason']}")
    mended = mend_one(play.stage, play.book, unmovable)
    say(f"a person mends {mended} through the API and excludes the other {len(unmovable) - 1}")
    play.excluded = [key for key in unmovable if key != mended]


def outage_and_home(play: Play) -> None:
    """All reads on v2, which breaks: an alarm takes them home, and a person is waited for."""
    act("Act 3: forward until all reads are on v2, while everybody writes")
    for goal in (Phase.VALIDATE, Phase.READ_N):
        summary = play.travel("migrate", approve="auto", until=goal, exclude=play.excluded)
        expect(summary["status"] == "SUCCEEDED" and summary["phase"] == goal, summary)
        play.count(goal)
    act("Act 4: v2 breaks, and an alarm takes readers home: nobody is asked")
    outage = play.break_v2()
    say(outage.text)
    say(f"v2 was still broken: {len(outage.after)} reads in a row went well, from v1")
    say("(on AWS an alarm looks at minutes, not at half seconds)")
    summary = play.travel("migrate", approve="auto", until=Phase.READ_V2)
    expect(summary["status"] == "HELD" and summary["phase"] == Phase.SHADOW_READ, summary)
    say("held: nobody has acknowledged the alarm; a person does, and says why")
    play.approve("--alarm", reason="the demo broke v2 itself")


def forward_and_back(play: Play) -> None:
    """On to READ_V2, then home again to OFF."""
    act("Act 5: on to READ_V2")
    summary = play.travel("migrate", approve="auto", until=Phase.READ_V2)
    expect(summary["status"] == "SUCCEEDED" and summary["phase"] == Phase.READ_V2, summary)
    play.count(Phase.READ_V2)
    act("Act 6: roll back to OFF, and nobody notices")
    play.writers.v2_only = True
    time.sleep(2.0)
    play.writers.v2_only = False
    play.roll_back(Phase.OFF)
    play.count(Phase.OFF)


def single_write_and_back(play: Play) -> None:
    """Forward to single-write, then back from there with what was written to v2 alone."""
    act("Act 7: forward again to WRITE_V2_ONLY: v1 is no longer written")
    summary = play.travel("migrate", approve="auto", until=Phase.WRITE_V2_ONLY)
    expect(summary["status"] == "SUCCEEDED", summary)
    play.writers.v2_only = True
    time.sleep(3.0)
    play.count(Phase.WRITE_V2_ONLY)
    play.writers.v2_only = False
    act("Act 8: roll back from there: v1 learns what was written only to v2")
    play.roll_back(Phase.READ_N)
    play.count(Phase.READ_N)


def archive(play: Play) -> None:
    """Forward to the end: v1 is exported, verified, closed and deleted."""
    act("Act 9: to the end: archive v1, verify the archive, delete v1")
    summary = play.travel("migrate", approve="auto", until=Phase.DECOMMISSIONED)
    expect(summary["status"] == "HELD" and summary["phase"] == Phase.WRITE_V2_ONLY, summary)
    say("held: the excluded records exist only in v1; an approver releases them")
    play.approve(Phase.ARCHIVED, "--release-excluded", reason="the archive keeps them")
    summary = play.travel("migrate", approve="auto", until=Phase.DECOMMISSIONED)
    expect(summary["status"] == "SUCCEEDED", summary)
    play.count(Phase.DECOMMISSIONED)
    proof = play.report(summary)["facts"]["archive"]
    held = amount(proof["items"], "item") + " in " + amount(proof["files"], "file")
    say(f"v1's archive: {held}, checksums equal")
    tables = play.stage.client("dynamodb").list_tables()["TableNames"]
    expect(play.migration.source.name not in tables, {"tables": tables})
    say(f"{MIGRATION.source.name} is deleted; {MIGRATION.target.name} serves on")
