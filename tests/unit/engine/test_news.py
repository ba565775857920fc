"""Word to people: when it comes, what it says, and that nothing waits for it."""

from collections.abc import Callable

import pytest

from shared.engine.cutover import move_by_hand
from shared.model.errors import OutcomeUnknown, WorkerFailed
from shared.model.phases import Phase
from shared.model.runs import RunKind, RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, legacy, person, stage

SECRETS = ("Ada Lovelace", "ada@example.com", "SECRET-1", "EMPLOYEE#")


def staged(count: int = 40, phase: Phase = Phase.OFF) -> Conductor:
    people = [
        legacy(f"SECRET-{number}", full_name="Ada Lovelace", email="ada@example.com")
        for number in range(count)
    ]
    return stage(*people, phase=phase)


def subjects(conductor: Conductor) -> list[str]:
    return [
        subject.removeprefix("cutover personnel: ")
        for subject, _ in conductor.parts.notifications.published
    ]


def broken(name: str) -> None:
    raise OutcomeUnknown("the topic did not answer")


def test_a_migration_when_made_expects_word_at_its_start_gates_moves_and_end() -> None:
    conductor = staged(phase=Phase.VALIDATE)
    conductor.parts.notifications.published.clear()
    conductor.migrate(until="READ_V2", ramp=[10])
    told = [each for each in subjects(conductor) if "per cent of reads" in each or "%" not in each]
    assert told == [
        "migrate has started",
        "now in SHADOW_READ, 0 per cent of reads on v2",
        "approval wanted for READ_N",
        "now in READ_N, 10 per cent of reads on v2",
        "now in READ_N, 100 per cent of reads on v2",
        "approval wanted for READ_V2",
        "now in READ_V2, 100 per cent of reads on v2",
        "migrate ended: SUCCEEDED",
    ]


def test_a_job_when_it_works_expects_word_at_each_tenth_once() -> None:
    conductor = staged(phase=Phase.DUAL_WRITE)
    conductor.parts.notifications.published.clear()
    started = conductor.begin(RunKind.BACKFILL, total_segments=20)
    conductor.work(started)
    conductor.finish(started)
    tenths = [each for each in subjects(conductor) if each.endswith("0 per cent")]
    assert tenths == [f"backfill at {tenth}0 per cent" for tenth in range(1, 10)]
    assert subjects(conductor)[0] == "backfill has started"
    assert subjects(conductor)[-1] == "backfill ended: SUCCEEDED"


def test_a_job_when_it_has_many_segments_expects_few_looks_at_all_of_them() -> None:
    conductor = staged(phase=Phase.DUAL_WRITE)
    looks: list[str] = []

    def count(name: str) -> None:
        if name == "segments":
            looks.append(name)

    watched = conductor.watched(before=count, port="ledger")
    started = watched.begin(RunKind.BACKFILL, total_segments=300)
    looks.clear()
    watched.work(started)
    assert 10 <= len(looks) <= 60


def test_a_pass_when_it_only_looks_expects_no_word_unless_somebody_must_act() -> None:
    conductor = staged(phase=Phase.READ_N)
    conductor.parts.notifications.published.clear()
    conductor.validate(repair=False)
    assert subjects(conductor) == []
    conductor.load(Side.TARGET, {**person("SECRET-stray"), "full_name": "Ada Lovelace"})
    assert conductor.validate(repair=False).status is RunStatus.HELD
    assert subjects(conductor) == ["validate is HELD: a person must act"]


def test_a_journey_when_held_expects_word_that_a_person_must_act() -> None:
    conductor = stage(legacy("SECRET-1", active="perhaps", email="ada@example.com"))
    conductor.migrate(approve="auto")
    assert subjects(conductor)[-1] == "migrate is HELD: a person must act"
    _, body = conductor.parts.notifications.published[-1]
    assert "cutover report personnel" in body


def test_a_job_when_it_fails_expects_word_once_without_the_errors_text() -> None:
    conductor = staged(phase=Phase.DUAL_WRITE)
    started = conductor.begin(RunKind.BACKFILL)
    run = conductor.world.ledger.load(started.run_id)
    assert run is not None
    for _ in range(2):
        conductor.fail(run, WorkerFailed.__name__, "record EMPLOYEE#SECRET-1 of ada@example.com")
    failed = [pair for pair in conductor.parts.notifications.published if "FAILED" in pair[0]]
    assert [subject for subject, _ in failed] == ["cutover personnel: backfill FAILED"]
    assert "WorkerFailed" in failed[0][1]


def test_a_notification_when_sent_expects_its_three_parts_a_plain_subject_and_nobodys_data() -> (
    None
):
    conductor = staged()
    conductor.migrate(approve="auto", until="WRITE_V2_ONLY", exclude=["SECRET-3"])
    conductor.migrate(approve="auto", until="ARCHIVED")  # held over the excluded record
    conductor.rollback(to_phase="OFF", reason="because of ada@example.com")
    published = conductor.parts.notifications.published
    assert len(published) > 20
    for subject, body in published:
        assert subject.isascii()
        assert len(subject) <= 100
        assert "\nWhere to look:\n" in body
        assert "\nWhat to do:\n" in body
        assert "cutover status personnel" in body
        assert not [secret for secret in SECRETS if secret in subject + body]


# -- a topic that fails


def mute(conductor: Conductor) -> Conductor:
    return conductor.watched(before=broken, port="notifications")


@pytest.mark.parametrize(
    "act",
    [
        lambda c: c.migrate(until="READ_V2"),
        lambda c: c.rollback(to_phase="OFF"),
        lambda c: c.validate(repair=True),
    ],
    ids=["migrate", "rollback", "validate"],
)
def test_the_migration_when_nobody_can_be_told_expects_to_go_on_and_say_so(
    act: Callable[[Conductor], object],
) -> None:
    conductor = staged(phase=Phase.SHADOW_READ)
    run = act(mute(conductor))
    assert getattr(run, "status", None) is RunStatus.SUCCEEDED
    untold = [
        entry
        for entry in conductor.world.ledger.audit("personnel", 99)
        if entry.action == "could not notify"
    ]
    assert untold
    assert {entry.reason for entry in untold} == {"OutcomeUnknown: the topic did not answer"}
    assert all(entry.detail for entry in untold)


def test_a_move_by_hand_when_nobody_can_be_told_expects_to_be_made() -> None:
    conductor = staged(phase=Phase.READ_N)
    moved = move_by_hand(mute(conductor).world, Phase.SHADOW_READ, None, actor="Ada", reason="")
    assert moved.phase is Phase.SHADOW_READ
