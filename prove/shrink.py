"""Makes a failing run simpler: fewer decisions, more of them 0, and it still fails."""

from collections.abc import Callable, Sequence

Fails = Callable[[Sequence[int]], bool]

PATIENCE = 4000
"""Runs after which the shortest one found so far is good enough."""


def shrunk(decisions: Sequence[int], fails: Fails, patience: int = PATIENCE) -> list[int]:
    """Return the simplest list of decisions found that still fails."""
    search = _Search(fails, patience)
    best = list(decisions)
    while search.left > 0:
        before = list(best)
        for width in (32, 16, 8, 4, 2, 1):
            best = search.without(best, width)
            best = search.zeroed(best, width)
        best = search.lowered(best)
        if best == before:
            break
    return best


class _Search:
    def __init__(self, fails: Fails, patience: int) -> None:
        self._fails = fails
        self.left = patience

    def _holds(self, decisions: list[int]) -> bool:
        self.left -= 1
        return self.left > 0 and self._fails(decisions)

    def without(self, best: list[int], width: int) -> list[int]:
        """Leave out stretches of decisions."""
        at = 0
        while at < len(best):
            shorter = best[:at] + best[at + width :]
            if self._holds(shorter):
                best = shorter
            else:
                at += width
        return best

    def zeroed(self, best: list[int], width: int) -> list[int]:
        """Make stretches of decisions the simplest ones."""
        for at in range(0, len(best), width):
            plain = best[:at] + [0] * len(best[at : at + width]) + best[at + width :]
            if plain != best and self._holds(plain):
                best = plain
        return best

    def lowered(self, best: list[int]) -> list[int]:
        """Make single decisions simpler."""
        for at, value in enumerate(best):
            for lower in range(value):
                simpler = [*best[:at], lower, *best[at + 1 :]]
                if self._holds(simpler):
                    best = simpler
                    break
        return best
