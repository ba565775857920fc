"""Answers that never came: no write has two effects, and none is reported wrongly."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from shared.engine.records import Record, Records, Seen
from shared.model.errors import (
    Contended,
    CutoverError,
    NotFound,
    OutcomeUnknown,
    StoreError,
    Throttled,
)
from shared.model.item import canonical
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage
from tests.unit.engine.watched import Lose

PHASES = [Phase.OFF, Phase.DUAL_WRITE, Phase.READ_N, Phase.READ_V2, Phase.WRITE_V2_ONLY]
DUAL = [phase for phase in PHASES if phase.dual]
A = key("A")
FOR_GOOD = 10**6


def losing(conductor: Conductor, when: str, times: int) -> Records:
    """Return a service whose next writes lose their answers, before or after their effect."""
    return conductor.watched(**{when: Lose(times)}).records()


def made(phase: Phase) -> Conductor:
    conductor = stage(phase=phase)
    conductor.records().create(person("A", full_name="Grace", hourly_rate=Decimal(1)), A)
    return conductor


def now(conductor: Conductor) -> Record | None:
    try:
        return conductor.records().get(A)
    except NotFound:
        return None


def outcome(call: Callable[[], Record | None]) -> Record | CutoverError | None:
    try:
        return call()
    except CutoverError as error:
        return error


def assert_lock_step(conductor: Conductor) -> None:
    if not conductor.phase.dual:
        return
    source, target = (conductor.stored(side, A) for side in Side)
    assert (source is None) == (target is None)
    if source is not None and target is not None:
        names = ("_cutover_version", "_cutover_birth", "_cutover_write")
        assert [source.get(name) for name in names] == [target.get(name) for name in names]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("times", [1, 3, FOR_GOOD])
def test_an_update_when_its_answer_is_lost_expects_one_effect_or_an_honest_doubt(
    phase: Phase, when: str, times: int
) -> None:
    conductor = made(phase)
    records = losing(conductor, when, times)
    answer = outcome(lambda: records.update(A, {"full_name": "Hopper"}, (), None))
    after = now(conductor)
    assert after is not None
    assert_lock_step(conductor)
    effects = after.version - 1
    assert effects in (0, 1)
    assert (after.item["full_name"] == "Hopper") is (effects == 1)
    if isinstance(answer, CutoverError):
        assert isinstance(answer, OutcomeUnknown)
        assert times == FOR_GOOD
    else:
        assert effects == 1
        assert answer == after
    if when == "before" and times == FOR_GOOD:
        assert effects == 0


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("times", [1, FOR_GOOD])
def test_a_create_when_its_answer_is_lost_expects_one_record_or_an_honest_doubt(
    phase: Phase, when: str, times: int
) -> None:
    conductor = stage(phase=phase)
    records = losing(conductor, when, times)
    answer = outcome(lambda: records.create(person("A", full_name="Grace"), A))
    after = now(conductor)
    assert_lock_step(conductor)
    if isinstance(answer, CutoverError):
        assert isinstance(answer, OutcomeUnknown)
    else:
        assert answer == after
    if after is not None:
        assert (after.version, after.item["full_name"]) == (1, "Grace")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("times", [1, FOR_GOOD])
@pytest.mark.parametrize("expected", [None, Seen(1)])
def test_a_delete_when_its_answer_is_lost_expects_it_gone_or_an_honest_doubt(
    phase: Phase, when: str, times: int, expected: Seen | None
) -> None:
    conductor = made(phase)
    records = losing(conductor, when, times)
    answer = outcome(lambda: records.delete(A, expected))
    assert_lock_step(conductor)
    if answer is None:
        assert now(conductor) is None
    else:
        assert isinstance(answer, OutcomeUnknown)


@pytest.mark.parametrize("phase", PHASES)
def test_an_update_when_another_follows_its_lost_answer_expects_the_other_to_stay(
    phase: Phase,
) -> None:
    conductor = made(phase)
    other = conductor.records()
    lose = Lose(1)

    def after(name: str) -> None:
        left = lose.left
        try:
            lose(name)
        finally:
            if lose.left < left:
                other.update(A, {"full_name": "Other"}, (), None)

    answer = outcome(
        lambda: conductor.watched(after=after).records().update(A, {"full_name": "Mine"}, (), None)
    )
    record = now(conductor)
    assert record is not None
    assert (record.item["full_name"], record.version) == ("Other", 3)
    assert_lock_step(conductor)
    assert not isinstance(answer, CutoverError) or isinstance(answer, OutcomeUnknown)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("action", ["update", "create"])
def test_a_write_when_undone_by_another_after_its_lost_answer_expects_no_second_effect(
    phase: Phase, action: str
) -> None:
    conductor = made(phase) if action == "update" else stage(phase=phase)
    other = conductor.records()
    lose = Lose(1)

    def after(name: str) -> None:
        left = lose.left
        try:
            lose(name)
        finally:
            if lose.left < left:
                other.delete(A, None)
                other.create(person("A", full_name="Reborn"), A)

    records = conductor.watched(after=after).records()
    if action == "update":
        outcome(lambda: records.update(A, {"full_name": "Mine"}, (), None))
    else:
        outcome(lambda: records.create(person("A", full_name="Mine"), A))
    record = now(conductor)
    assert record is not None
    assert (record.item["full_name"], record.version) == ("Reborn", 1)
    assert_lock_step(conductor)


@pytest.mark.parametrize("phase", PHASES)
def test_a_legacy_record_when_the_answer_of_its_update_is_lost_expects_one_effect(
    phase: Phase,
) -> None:
    for when in ("before", "after"):
        conductor = stage(legacy("A", full_name="Old"), phase=phase)
        answer = losing(conductor, when, 1).update(A, {"full_name": "New"}, (), Seen(0))
        assert answer == now(conductor)
        assert answer.version == 1


@pytest.mark.parametrize("phase", PHASES)
def test_a_write_when_throttled_for_a_while_expects_one_effect_and_for_good_no_effect(
    phase: Phase,
) -> None:
    conductor = made(phase)
    left = [2]

    def throttle(name: str) -> None:
        if name in ("write", "write_together") and left[0]:
            left[0] -= 1
            raise Throttled("slower")

    records = conductor.watched(before=throttle).records()
    assert records.update(A, {"full_name": "Hopper"}, (), Seen(1)).version == 2
    left[0] = FOR_GOOD
    before = conductor.stored(phase.primary, A)
    answer = outcome(lambda: records.update(A, {"full_name": "Third"}, (), None))
    assert isinstance(answer, CutoverError)
    assert answer.code == "lease_lost"
    assert canonical(conductor.stored(phase.primary, A)) == canonical(before)


@pytest.mark.parametrize("phase", DUAL)
@pytest.mark.parametrize("busy", [Contended, Throttled])
def test_a_transaction_when_its_repetition_is_turned_away_expects_no_second_one(
    phase: Phase, busy: type[StoreError]
) -> None:
    conductor = made(phase)
    calls: list[str] = []

    def before(name: str) -> None:
        if name == "write_together":
            calls.append(name)
            if len(calls) == 2:
                raise busy("still at it")

    records = conductor.watched(before=before).watched(after=Lose(1)).records()
    assert records.update(A, {"full_name": "Hopper"}, (), None).version == 2
    record = now(conductor)
    assert record is not None
    assert record.version == 2
    assert len(calls) == 3
    assert_lock_step(conductor)
