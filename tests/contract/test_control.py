"""The control item: conditional on its revision, with an audit entry or not at all."""

from dataclasses import replace

import pytest

from shared.model.control import AuditEntry, Certificate, Change, ControlState
from shared.model.errors import InvalidInput, Superseded
from shared.model.phases import Phase
from tests.contract.engines import Engine

AT = 1_763_690_000.123456


def entry(engine: Engine, epoch: int, action: str = "advance") -> AuditEntry:
    return AuditEntry(engine.name, AT + epoch, epoch, action, "ada", "because", "detail")


def full_state(engine: Engine) -> ControlState:
    return ControlState(
        migration=engine.name,
        phase=Phase.READ_N,
        percent=10,
        epoch=4,
        revision=1,
        previous=Phase.SHADOW_READ,
        since=AT,
        class_change=Change(AT - 0.000001),
        digest="d",
        source_id="s",
        target_id="t",
        working="run",
        work_stop=Change(0.1, 0.2),
        voids=3,
        backfilled="b",
        dry_run="r",
        exported="arn",
        exclusions="e",
        released=True,
        releaser="ada",
        co_releaser="bob",
        certificate=Certificate("run", AT, AT + 1, 3, Phase.VALIDATE, "d", 1, 20, 1, 2, "uri"),
    )


def test_migration_never_begun_is_off(engine: Engine) -> None:
    assert engine.control.read(engine.name) == ControlState(engine.name)


def test_state_comes_back_exactly(engine: Engine) -> None:
    state = full_state(engine)
    engine.control.write(state, 0, entry(engine, 1))
    assert engine.control.read(engine.name) == state
    empty = replace(state, revision=2, working=None, certificate=None, exported=None)
    engine.control.write(empty, 1, entry(engine, 2))
    assert engine.control.read(engine.name) == empty


def test_write_over_another_revision_is_superseded_and_leaves_no_audit(engine: Engine) -> None:
    first = ControlState(engine.name, phase=Phase.DUAL_WRITE, revision=1)
    engine.control.write(first, 0, entry(engine, 1))
    for replaces in (0, 5):
        late = ControlState(engine.name, phase=Phase.VALIDATE, revision=replaces + 1)
        with pytest.raises(Superseded):
            engine.control.write(late, replaces, entry(engine, 2, "late"))
    assert engine.control.read(engine.name) == first
    assert engine.ledger.audit(engine.name, 10) == [entry(engine, 1)]


def test_write_whose_revision_does_not_follow_is_invalid(engine: Engine) -> None:
    with pytest.raises(InvalidInput):
        engine.control.write(ControlState(engine.name, revision=0), 0, entry(engine, 1))
    assert engine.ledger.audit(engine.name, 10) == []


def test_audit_entries_come_newest_first_and_limited(engine: Engine) -> None:
    entries = [entry(engine, epoch) for epoch in (2, 1, 3)]
    for each in entries:
        engine.ledger.record(each)
    engine.ledger.record(entries[0])
    engine.ledger.record(replace(entries[0], migration=engine.name + "-other"))
    newest = sorted(entries, key=lambda each: each.epoch, reverse=True)
    assert engine.ledger.audit(engine.name, 10) == newest
    assert engine.ledger.audit(engine.name, 2) == newest[:2]


def test_audit_entries_of_one_moment_are_all_kept(engine: Engine) -> None:
    entries = [entry(engine, 1, action) for action in ("pause", "throttle", "resume")]
    for each in entries:
        engine.ledger.record(each)
    assert sorted(engine.ledger.audit(engine.name, 10), key=str) == sorted(entries, key=str)
