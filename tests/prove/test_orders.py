"""Every state that programs of a few reads and writes can come to is met, whatever is left out."""

from collections.abc import Hashable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prove import choices as decisions
from prove.choices import Again, Choices, Enumerated
from prove.commuting import CHANGES_ROWS, READS_ROWS, Touched, refused
from shared.model.writes import Side

Op = tuple[str, Side]
"""Read a cell, add to it what was read last, or do so if it still is as it was read."""
OPS = st.tuples(st.sampled_from(("read", "add", "compare")), st.sampled_from(Side))
PROGRAMS = st.lists(st.lists(OPS, min_size=1, max_size=3), min_size=2, max_size=3)


class Machine:
    """A few programs over two cells, and where each of them is."""

    def __init__(self, programs: list[list[Op]]) -> None:
        self.programs = programs
        self.cells = dict.fromkeys(Side, 1)
        self.seen = [1] * len(programs)
        self.at = [0] * len(programs)

    def state(self) -> Hashable:
        """Return all on which the rest depends."""
        return (tuple(self.cells.values()), tuple(self.seen), tuple(self.at))

    def able(self) -> list[int]:
        """Return the programs that are not over."""
        return [each for each, at in enumerate(self.at) if at < len(self.programs[each])]

    def step(self, who: int) -> Touched:
        """Do a program's next operation; returns what it touched."""
        op, side = self.programs[who][self.at[who]]
        self.at[who] += 1
        if op == "read":
            self.seen[who] = self.cells[side]
            return READS_ROWS[side]
        if op == "compare" and self.cells[side] != self.seen[who]:
            return refused(CHANGES_ROWS[side])
        self.cells[side] = self.cells[side] * 3 + self.seen[who] + who
        return CHANGES_ROWS[side]


def run(programs: list[list[Op]], choices: Choices) -> Hashable:
    """Do one order of all operations and return the state it leads to."""
    machine, touched = Machine(programs), Touched()
    while able := machine.able():
        choices.meet(machine.state, [str(each) for each in able], touched)
        at = choices.turn(len(able), 0, staying=False) if len(able) > 1 else 0
        touched = machine.step(able[at])
    return machine.state()


def ends(programs: list[list[Op]]) -> tuple[set[Hashable], int]:
    """Return the ends that are found, and in how many runs."""
    choices, found, runs, more = Enumerated(), set[Hashable](), 0, True
    while more:
        runs += 1
        with suppress(Again):
            found.add(run(programs, choices))
        more = choices.advance()
    return found, runs


def every_end(programs: list[list[Op]]) -> tuple[set[Hashable], int]:
    """Return the ends of all orders, and how many steps lead from one state to another."""
    found, steps, met = set[Hashable](), 0, set[Hashable]()
    left: list[list[int]] = [[]]
    while left:
        order = left.pop()
        machine = Machine(programs)
        for who in order:
            machine.step(who)
        if machine.state() in met:
            continue
        met.add(machine.state())
        able = machine.able()
        steps += len(able)
        left += [[*order, who] for who in able]
        if not able:
            found.add(machine.state())
    return found, steps


@given(PROGRAMS)
def test_orders_when_some_are_left_out_expect_the_ends_of_all_and_no_step_twice(
    programs: list[list[Op]],
) -> None:
    found, runs = ends(programs)
    every, steps = every_end(programs)
    assert found == every
    assert runs <= steps


def test_orders_when_a_dependence_is_overlooked_expect_ends_that_are_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programs: list[list[Op]] = [[("read", Side.SOURCE)], [("add", Side.SOURCE)]]
    every, _ = every_end(programs)
    monkeypatch.setattr(decisions, "commute", lambda _one, _other: True)
    found, _ = ends(programs)
    assert found < every
