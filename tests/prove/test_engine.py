"""The real engine under tens of thousands of interleavings; `make prove` runs a million."""

from itertools import islice

import pytest

from prove.choices import Replayed, Seeded, written
from prove.families import FAMILIES, ROGUES
from prove.mutants import applied, named
from prove.ports import FAULTS
from prove.report import figures_in_words
from prove.runs import BOOKKEEPING, perform
from prove.scenarios import Plan
from prove.search import Figures, search
from prove.small import SCOPES, enumerated, plans
from prove.witness import FAR
from shared.model.moves import IN_PLACE_MOVES, MOVES, PAIRED_MOVES, Move

WANTED = 50_000

MET = (
    "certificate granted",
    "certificate void",
    "lost answer resent",
    "write: primary changed (CAS)",
    "write: replica refused (REPL)",
    "write: replica changed again (CAS of both)",
    "tripwire: reported",
    "tripwire: mended",
    "tripwire: late",
    "write past the wrapper: mended",
    "replica down",
    "replica followed",
    "sync: mended",
    "brought to agree",
    "write: old shape",
    "write: new shape",
    "upgraded",
    "restored",
    "restored for good",
    "lowered",
    "conflict",
    "write past the wrapper: in place",
    "went on to DONE",
    "went home to OFF",
    "read one class apart",
    "write one class apart",
    "reader of v1 in READ_N",
    "reader of v2 in READ_N",
    *(f"write past the wrapper: {how}" for how in ROGUES),
    *(f"fault: {fault}" for fault in FAULTS),
    *(f"fault at: {port}" for port in BOOKKEEPING.values()),
)
"""What a search is worth nothing without: branches of the protocol that it must have taken."""


NEVER = (f"write {FAR} apart",)
"""What no instance does; a process that stood still may read so, and then looks at its lease."""

PAIRS = {
    f"{move.start.group}–{move.end.group}"
    for move in PAIRED_MOVES
    if move.forward and move.start.group is not move.end.group
} | {f"in place {move.start}–{move.end}" for move in IN_PLACE_MOVES if move.forward}


@pytest.fixture(scope="module")
def figures() -> Figures:
    return search(WANTED, minutes=60, jobs=2, seed=1_000_000, small=False)


def test_the_engine_when_interleaved_by_chance_expects_no_anomaly(figures: Figures) -> None:
    assert [(each.violation, each.text) for each in figures.anomalies] == []
    assert figures.interleavings >= WANTED
    assert f"{figures.interleavings:,} distinct" in figures_in_words(figures)[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_search_when_it_took_every_family_expects_runs_that_differ(
    figures: Figures, family: str
) -> None:
    assert len(figures.distinct[family]) > figures.runs[family] * 0.9


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.start} to {move.end}")
def test_a_search_when_over_expects_every_move_to_have_been_made(
    figures: Figures, move: Move
) -> None:
    name = f"{move.start} → {move.end}"
    assert sum(branches[name] for branches in figures.branches.values())


@pytest.mark.parametrize("branch", MET)
def test_a_search_when_over_expects_the_branches_of_the_protocol_to_have_been_taken(
    figures: Figures, branch: str
) -> None:
    assert sum(branches[branch] for branches in figures.branches.values())


@pytest.mark.parametrize("branch", NEVER)
def test_a_search_when_over_expects_nobody_to_have_acted_two_classes_behind(
    figures: Figures, branch: str
) -> None:
    assert [family for family, taken in figures.branches.items() if taken[branch]] == []


@pytest.mark.parametrize("rule", ["settle is nothing", "lease never ends"])
def test_instances_when_moves_do_not_wait_for_them_expect_to_be_seen_two_classes_behind(
    rule: str,
) -> None:
    with applied(named(rule)):
        runs = (perform("READ_V2–WRITE_V2_ONLY", Seeded(seed)) for seed in range(100))
        assert any(outcome.branches.intersection(NEVER) for outcome in runs)


@pytest.mark.parametrize("pair", sorted(PAIRS))
def test_a_pair_of_adjacent_classes_expects_small_scopes_that_cross_it_and_large_ones(
    pair: str,
) -> None:
    assert FAMILIES[pair]
    ends = set(pair.removeprefix("in place ").split("–"))
    assert any(ends <= places(plan) for plan in plans(pair))


def places(plan: Plan) -> set[str]:
    """Return the classes of phases, in place the phases, where a scenario is or is to go."""
    phases = (plan.opening[0], *(phase for _, phase in plan.path if phase is not None))
    return {phase.value if plan.in_place else phase.group.value for phase in phases}


@pytest.mark.parametrize("family", SCOPES)
def test_the_engine_when_interleaved_in_every_order_expects_no_anomaly(family: str) -> None:
    some = list(plans(family))[5::23][:3]
    for plan in some:
        for decisions, outcome in islice(enumerated(plan), 500):
            assert outcome.violation is None, f"{plan} {written(decisions)}"


def test_a_run_when_its_family_is_availability_first_expects_its_detour() -> None:
    outcome = perform("OFF–DUAL_AF", Replayed([]))
    assert outcome.violation is None
    assert "OFF → DUAL_AF" in outcome.branches
