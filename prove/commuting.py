"""Which steps of actors commute, so that a search tries them in one order only.

A step is what an actor does between two turns. What it touched is noted while it is done; two
steps that touch nothing of which one changes what the other sees lead to the same state in
either order.
"""

Touched = frozenset[str]
"""What a step touched."""

ANYTHING: Touched = frozenset({"anything"})
"""Of a step that may touch whatever another one does, such as the passing of time."""
READS_CONTROL: Touched = frozenset({"control read"})
CHANGES_CONTROL: Touched = frozenset({"control changed", "rows read"})
"""A move is held against the invariants, for which both tables are looked at."""
READS_ROWS: Touched = frozenset({"rows read"})
CHANGES_ROWS: Touched = frozenset({"rows changed", "control read"})
"""A write is held against the invariants, for which the control item is looked at."""
BEGINS: Touched = frozenset({"call begun"})
ENDS: Touched = frozenset({"call ended"})
"""Callers can tell which of two calls ended before the other began, and nothing else of order."""

CLASHES = frozenset(
    {
        ("control changed", "control changed"),
        ("control changed", "control read"),
        ("rows changed", "rows changed"),
        ("rows changed", "rows read"),
        ("call begun", "call ended"),
    }
)


def commute(one: Touched, other: Touched) -> bool:
    """Tell whether two steps lead to the same state in either order."""
    if "anything" in one or "anything" in other:
        return False
    return not any((a, b) in CLASHES or (b, a) in CLASHES for a in one for b in other)
