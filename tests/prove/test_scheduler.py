"""Runs are functions of their decisions, and time passes for everybody or for nobody."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prove.choices import Again, Enumerated, Replayed, Seeded, parsed, written
from prove.runs import perform
from prove.scheduler import Actor, Crash, Scheduler, Violation
from prove.search import Anomaly, replayed


def test_a_run_when_done_again_expects_the_same_interleaving() -> None:
    for seed in range(20):
        choices = Seeded(seed)
        outcome = perform("READ_N–READ_V2", choices)
        again = perform("READ_N–READ_V2", Replayed(choices.taken))
        assert (again.digest, again.trace) == (outcome.digest, outcome.trace)
        text = Anomaly("READ_N–READ_V2", choices.taken, "").text
        assert replayed(text).digest == outcome.digest


@given(st.lists(st.integers(0, 80)))
def test_decisions_when_written_and_parsed_expect_themselves_without_trailing_zeros(
    decisions: list[int],
) -> None:
    back = parsed(written(decisions))
    assert back + [0] * (len(decisions) - len(back)) == decisions or not any(decisions)


def test_all_orders_when_enumerated_expect_each_once() -> None:
    choices = Enumerated()
    orders = []
    while True:
        scheduler, order = Scheduler(choices, 0.0, ticking=False), []

        def work(actor: Actor, order: list[str] = order) -> None:
            for _ in range(2):
                order.append(actor.name)
                actor.pause()

        scheduler.spawn("a", work)
        scheduler.spawn("b", work)
        scheduler.run()
        orders.append("".join(order))
        if not choices.advance():
            break
    assert set(orders) == {"aabb", "abab", "abba", "baab", "baba", "bbaa"}


def orders(choices: Enumerated, *, known: bool) -> tuple[set[str], int]:
    """Return all orders of two actors' two steps, and in how many runs they were found.

    What both did is kept as a set: with `known` its states tell nothing of who came first.
    """
    found, runs, more = set(), 0, True
    while more:
        scheduler, order = Scheduler(choices, 0.0, ticking=False), []
        if known:
            scheduler.shared = lambda order=order: frozenset(order)  # type: ignore[misc]

        def work(actor: Actor, order: list[str] = order) -> None:
            for step in range(2):
                order.append(f"{actor.name}{step}")
                actor.pause()

        scheduler.spawn("a", work)
        scheduler.spawn("b", work)
        runs += 1
        with suppress(Again):
            scheduler.run()
            found.add(" ".join(order))
        more = choices.advance()
    return found, runs


def test_orders_when_their_states_are_known_expect_one_way_to_each_state() -> None:
    every, _ = orders(Enumerated(), known=False)
    some, _ = orders(Enumerated(), known=True)
    assert len(every) == 6
    assert some < every
    assert {frozenset(each.split()) for each in some} == {frozenset({"a0", "a1", "b0", "b1"})}


def test_time_when_a_call_is_pending_expects_not_to_pass_its_end() -> None:
    for seed in range(200):
        scheduler = Scheduler(Seeded(seed), 100.0)
        lasted: list[float] = []

        def caller(actor: Actor, lasted: list[float] = lasted) -> None:
            for _ in range(3):
                began = actor.scheduler.now
                actor.pause(2.0)
                lasted.append(actor.scheduler.now - began)

        scheduler.spawn("caller", caller)
        scheduler.spawn("sleeper", lambda actor: actor.sleep(50.0))
        scheduler.run()
        assert max(lasted) <= 2.0
        assert scheduler.now >= 150.0


def test_a_crash_when_an_actor_dies_expects_the_others_to_go_on() -> None:
    scheduler, done = Scheduler(Replayed([]), 0.0), []

    def dies(actor: Actor) -> None:
        actor.pause()
        raise Crash

    scheduler.spawn("dies", dies)
    scheduler.spawn("lives", lambda actor: done.append(actor.name))
    scheduler.run()
    assert done == ["lives"]
    assert [actor.crashed for actor in scheduler.actors] == [True, False]


def test_a_run_when_an_actor_goes_on_for_ever_expects_a_violation() -> None:
    scheduler = Scheduler(Replayed([]), 0.0)

    def spins(actor: Actor) -> None:
        while True:
            actor.pause()

    scheduler.spawn("spins", spins)
    with pytest.raises(Violation):
        scheduler.run()
