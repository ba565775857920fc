"""The review queue between two tables: a decision is written while only v1 is, and in OFF alone."""

import pytest

from shared.engine.resolution import Answer, resolve
from shared.engine.review import queue, show
from shared.model.errors import GuardRefused, InvalidInput, Outdated
from shared.model.item import Item
from shared.model.phases import Phase
from shared.model.runs import RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, stage

IN_DOUBT = legacy("a", active="perhaps", full_name="Ada")
CLEAR = Answer(value={"active": True})


def decided(conductor: Conductor, answer: Answer = CLEAR, seen: str | None = None) -> Item:
    """Decide about the record and return it as it is then stored in v1."""
    seen = seen or show(conductor.world, key("a")).fingerprint
    resolve(conductor.world, key("a"), answer, seen=seen, actor="Ada", reason="asked her")
    return conductor.stored(Side.SOURCE, key("a")) or {}


def test_a_record_when_decided_in_off_is_changed_by_that_attribute_and_migrates() -> None:
    conductor = stage(IN_DOUBT)
    assert conductor.migrate(approve="auto", until="VALIDATE").status is RunStatus.HELD
    assert [each.key for each in queue(conductor.world).records] == ["EMPLOYEE#a|PROFILE"]
    stored = decided(conductor)
    write = stored.pop("_cutover_write")
    assert write
    assert stored == {**IN_DOUBT, "active": True, "_cutover_version": 1}
    assert queue(conductor.world).records == ()
    run = conductor.migrate(approve="auto", until="VALIDATE")
    assert (run.status, run.phase) == (RunStatus.SUCCEEDED, Phase.VALIDATE)
    assert (conductor.stored(Side.TARGET, key("a")) or {})["status"] == "active"


def test_a_record_when_v2_is_written_too_is_not_decided_and_the_way_is_told() -> None:
    conductor = stage(legacy("b"), phase=Phase.DUAL_WRITE)
    conductor.load(Side.SOURCE, IN_DOUBT)
    with pytest.raises(GuardRefused) as caught:
        decided(conductor)
    assert caught.value.missing == ("phase",)
    assert "OFF" in str(caught.value.mend)
    assert conductor.stored(Side.SOURCE, key("a")) == IN_DOUBT


def test_a_record_when_still_in_doubt_or_without_a_form_in_v2_is_refused() -> None:
    conductor = stage(IN_DOUBT)
    for value in ({"active": "maybe"}, {"full_name": "Eve"}):
        with pytest.raises(InvalidInput) as caught:
            decided(conductor, Answer(value=value))
        assert caught.value.field == "active"
    assert conductor.stored(Side.SOURCE, key("a")) == IN_DOUBT


def test_what_is_decided_on_when_changed_past_the_wrapper_meanwhile_is_not_overwritten() -> None:
    conductor = stage(IN_DOUBT)
    seen = show(conductor.world, key("a")).fingerprint

    def before(name: str) -> None:
        if name == "write":
            conductor.load(Side.SOURCE, {**IN_DOUBT, "active": False})

    with pytest.raises(Outdated):
        decided(conductor.watched(before=before), seen=seen)
    assert (conductor.stored(Side.SOURCE, key("a")) or {})["active"] is False


def test_a_record_whose_stamp_is_not_ours_is_nothing_to_decide() -> None:
    conductor = stage({**IN_DOUBT, "_cutover_version": "one"})
    assert not show(conductor.world, key("a")).in_doubt
    with pytest.raises(GuardRefused):
        decided(conductor)
