"""Small scopes leave orders out, and still come to every end that all orders together come to."""

from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any

import pytest

from prove import choices as decisions
from prove import ports
from prove.choices import Again, Enumerated
from prove.runs import playing
from prove.scenarios import Plan
from prove.small import SCOPES, plans
from shared.model.writes import Side

ONE_CALLER = ("OFF–DUAL", "DUAL–DUAL", "READ_N–READ_V2", "V2_AF–WRITE_V2_ONLY")
"""Pairs whose first scenario is short enough, with one caller, for every single order."""


def ends(plan: Plan, *, every_order: bool) -> tuple[set[Hashable], int]:
    """Return what callers saw and what was left, of every end there is, and how many runs it took.

    With `every_order` a state that comes again is not recognised.
    """
    choices, found, runs, more = Enumerated(), set[Hashable](), 0, True
    while more:
        run = playing(plan, choices, ticking=False)
        if every_order:
            run.scheduler.shared = None
        runs += 1
        with suppress(Again):
            run.perform()
            told = frozenset((c.actor, c.act, c.end, repr(c.seen)) for c in run.chronicle.calls)
            store = run.parts.store
            rows = tuple(repr(store.table(side).rows) for side in Side if store.exists(side))
            found.add((run.chronicle.order(), told, rows, run.book.state.phase))
        more = choices.advance()
    return found, runs


def leaving_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take no steps to commute, nor the operator's and workers' reading of the control item."""
    monkeypatch.setattr(decisions, "commute", lambda _one, _other: False)
    call: Callable[..., Any] = ports.call

    def noticed_call(*given: Any, noticed: bool = True, **named: Any) -> Any:
        return call(*given, **named)

    monkeypatch.setattr(ports, "call", noticed_call)


@pytest.mark.parametrize("family", ONE_CALLER)
def test_a_small_scope_when_orders_are_left_out_expects_the_ends_of_all_orders(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = next(plans(family))
    plan.clients = plan.clients[:1]
    fewer, few = ends(plan, every_order=False)
    leaving_nothing_out(monkeypatch)
    every, many = ends(plan, every_order=True)
    assert fewer == every
    assert few < many


@pytest.mark.parametrize("family", SCOPES)
def test_a_small_scope_when_no_steps_are_taken_to_commute_expects_no_other_end(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = next(plans(family))
    fewer, few = ends(plan, every_order=False)
    leaving_nothing_out(monkeypatch)
    more, many = ends(plan, every_order=False)
    assert fewer == more
    assert few < many
