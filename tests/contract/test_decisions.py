"""What people decided: exclusions, approvals, and the workflows that wait for them."""

from dataclasses import replace

import pytest

from shared.model.control import Approval, AuditEntry
from shared.model.errors import NotFound
from shared.model.phases import Phase
from tests.contract.engines import Engine

AT = 1_763_690_000.5


def test_exclusions_come_back_as_a_set(engine: Engine) -> None:
    keys = [f"EMPLOYEE#{n}|PROFILE-{'é' * 40}" for n in range(9000)]
    engine.ledger.store_keys(engine.name, "many", iter(keys))
    engine.ledger.store_keys(engine.name, "few", ["a|b", "a|b", "c|d"])
    assert engine.ledger.keys(engine.name, "many") == frozenset(keys)
    assert engine.ledger.keys(engine.name, "few") == frozenset({"a|b", "c|d"})


def test_exclusions_stored_twice_are_the_same(engine: Engine) -> None:
    for order in (["b", "a"], ["a", "b"]):
        engine.ledger.store_keys(engine.name, "d", order)
    assert engine.ledger.keys(engine.name, "d") == frozenset({"a", "b"})


def test_no_exclusions_is_an_empty_set_and_unknown_ones_are_an_error(engine: Engine) -> None:
    engine.ledger.store_keys(engine.name, "none", [])
    assert engine.ledger.keys(engine.name, "none") == frozenset()
    with pytest.raises(NotFound):
        engine.ledger.keys(engine.name, "never-stored")


def approval(engine: Engine, epoch: int) -> Approval:
    return Approval(
        engine.name,
        Phase.DECOMMISSIONED,
        epoch,
        "ada",
        AT + epoch,
        "reviewed",
        table="example-v1",
        releases_exclusions=True,
        second="bob",
    )


def test_approval_replaces_the_older_one_of_its_gate_and_is_audited(engine: Engine) -> None:
    gate = Phase.DECOMMISSIONED.value
    assert engine.ledger.approval(engine.name, gate) is None
    for epoch in (1, 2):
        audit = AuditEntry(engine.name, AT + epoch, epoch, "approve", "ada", "reviewed")
        engine.ledger.approve(approval(engine, epoch), audit)
    other = replace(approval(engine, 3), gate=Phase.ARCHIVED, table=None)
    engine.ledger.approve(other, AuditEntry(engine.name, AT + 3, 3, "approve", "ada", "x"))
    assert engine.ledger.approval(engine.name, gate) == approval(engine, 2)
    assert engine.ledger.approval(engine.name, Phase.ARCHIVED.value) == other
    assert [entry.epoch for entry in engine.ledger.audit(engine.name, 10)] == [3, 2, 1]


def test_waiter_is_the_last_one_of_its_gate(engine: Engine) -> None:
    assert engine.ledger.waiter(engine.name, "READ_N") is None
    for token in ("first", "t" * 1000):
        engine.ledger.wait_for_approval(engine.name, "READ_N", token)
    engine.ledger.wait_for_approval(engine.name, "ARCHIVED", "other")
    assert engine.ledger.waiter(engine.name, "READ_N") == "t" * 1000
