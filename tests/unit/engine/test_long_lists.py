"""Lists of keys that an operator gives, longer than an item could hold."""

from shared.model.item import size
from shared.model.phases import Phase
from shared.model.runs import RunStatus
from shared.model.writes import Side
from tests.unit.engine.conductor import legacy, stage

MANY = 12_000


def test_a_migration_when_thousands_are_excluded_keeps_its_items_small() -> None:
    names = [f"number-{index:05}-with-a-rather-long-name" for index in range(MANY)]
    conductor = stage(*[legacy(name, active="maybe") for name in names], legacy("A"))
    run = conductor.migrate(approve="auto", until="VALIDATE", exclude=names)
    assert (run.status, conductor.phase) == (RunStatus.SUCCEEDED, Phase.VALIDATE)
    certificate = conductor.state.certificate
    assert certificate is not None
    assert certificate.excluded == MANY
    stored = conductor.world.ledger.load(run.run_id)
    assert stored is not None
    assert size({"params": stored.params}) < 1000
    assert [item["PK"] for item in conductor.parts.store.items(Side.TARGET)] == ["EMPLOYEE#A"]


def test_a_backfill_when_given_keys_in_any_order_and_twice_copies_each_once() -> None:
    conductor = stage(*[legacy(name) for name in "ABC"], phase=Phase.DUAL_WRITE)
    run = conductor.backfill(keys=["C", "A", "C"])
    assert (run.counts.scanned, run.counts.written) == (2, 2)
    run = conductor.backfill(keys=["B", "A", "B"])
    assert (run.counts.scanned, run.counts.written, run.counts.already_present) == (2, 1, 1)
