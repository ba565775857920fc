"""Faults of streams: a batch that comes late, or once more than it should."""

from __future__ import annotations

from local.faults.chaos import Chaos


def deliveries(chaos: Chaos, table: str) -> int:
    """Tell how often a batch of a table's stream is delivered; may wait before it says so."""
    if not chaos.wish.concerns_table(table):
        return 1
    chaos.pause("late")
    return 1 + chaos.happens("repeat")
