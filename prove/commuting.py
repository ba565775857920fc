"""Which steps of actors commute, so that a search tries them in one order only.

A step is what an actor does between two turns. What it touched is noted while it is done; two
steps that touch nothing of which one changes what the other sees lead to the same state in
either order.
"""

from shared.model.writes import Side

Touched = frozenset[str]
"""What a step touched."""

ANYTHING: Touched = frozenset({"anything"})
"""Of a step that may touch whatever another one does, such as the passing of time."""
READS_CONTROL: Touched = frozenset({"control read"})
READS_ROWS = {side: frozenset({f"{side} read"}) for side in Side}
LOOKS: Touched = READS_CONTROL.union(*READS_ROWS.values())
"""Of a change that is held against the invariants, for which everything is looked at."""
CHANGES_CONTROL: Touched = LOOKS | {"control changed"}
CHANGES_ROWS = {side: LOOKS | {f"{side} changed"} for side in Side}
BEGINS: Touched = frozenset({"call begun"})
ENDS: Touched = frozenset({"call ended"})
"""Callers can tell which of two calls ended before the other began, and nothing else of order."""

CLASHES = frozenset(
    {
        ("control changed", "control read"),
        ("call begun", "call ended"),
        *((f"{side} changed", f"{side} read") for side in Side),
    }
)


def refused(touched: Touched) -> Touched:
    """Return what a step touched that was to change something and was refused: it looked."""
    return frozenset(each for each in touched if not each.endswith(" changed"))


def commute(one: Touched, other: Touched) -> bool:
    """Tell whether two steps lead to the same state in either order."""
    if "anything" in one or "anything" in other:
        return False
    return not any((a, b) in CLASHES or (b, a) in CLASHES for a in one for b in other)
