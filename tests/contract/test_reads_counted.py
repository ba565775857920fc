"""The counts of shadow reads: added up by step, whoever adds, and the newest step first."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from shared.model.phases import Phase
from shared.model.shadow import ShadowTally
from tests.contract.engines import Engine

AT = 1_763_690_000.5


def tally(engine: Engine, epoch: int = 3, **counts: object) -> ShadowTally:
    empty = ShadowTally(engine.name, epoch, Phase.READ_N, 10, since=AT, last=AT)
    return replace(empty, **counts)  # type: ignore[arg-type]  # the names are checked by replace


def test_a_step_that_compared_nothing_expects_no_counts(engine: Engine) -> None:
    assert engine.ledger.reads_counted(engine.name, 10) == []


def test_batches_of_a_step_when_counted_expect_their_sum(engine: Engine) -> None:
    engine.ledger.count_reads(tally(engine, equal=8, raced=1))
    engine.ledger.count_reads(
        tally(engine, equal=2, real=2, since=AT + 9, last=AT + 9, differing=frozenset({"a", "b"}))
    )
    engine.ledger.count_reads(
        tally(engine, lagging=1, real=1, since=AT + 9, last=AT + 10, differing=frozenset({"b"}))
    )
    (found,) = engine.ledger.reads_counted(engine.name, 10)
    assert found == tally(
        engine,
        equal=10,
        raced=1,
        lagging=1,
        real=3,
        last=AT + 10,
        differing=frozenset({"a", "b"}),
    )
    assert found.compared == 15


def test_steps_when_asked_for_expect_the_newest_first(engine: Engine) -> None:
    for epoch in (3, 12, 4):
        engine.ledger.count_reads(tally(engine, epoch, equal=epoch))
    found = engine.ledger.reads_counted(engine.name, 2)
    assert [(each.epoch, each.equal) for each in found] == [(12, 12), (4, 4)]


def test_batches_that_are_counted_at_once_expect_none_lost(engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: engine.ledger.count_reads(tally(engine, equal=1)), range(20)))
    assert [each.equal for each in engine.ledger.reads_counted(engine.name, 1)] == [20]
