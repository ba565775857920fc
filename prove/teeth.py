"""Shows that the checker can fail: every rule of the protocol removed, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context

from prove.choices import Replayed, Seeded, written
from prove.mutants import MUTANTS, Mutant, applied
from prove.runs import perform
from prove.search import openings
from prove.shrink import shrunk
from prove.stage import small_scale

SEEDS = 12_000
"""Seeds of each family after which a mutant has survived."""


@dataclass(frozen=True, slots=True)
class Kill:
    """How a mutant was caught: in which run, and how short that run can be made."""

    mutant: str
    family: str = ""
    seed: int = -1
    violation: str = ""
    steps: int = 0
    replay: str = ""
    tried: int = 0

    @property
    def caught(self) -> bool:
        """Tell whether it was caught at all."""
        return self.seed >= 0


def hunt(mutant: Mutant, seeds: int = SEEDS, *, shorten: bool = True) -> Kill:
    """Look for a run that shows a mutant."""
    with applied(mutant):
        for seed in range(seeds):
            for family in mutant.families:
                choices = Seeded(seed)
                outcome = perform(family, choices)
                if outcome.violation:
                    best = _short(family, choices.taken, outcome.violation) if shorten else []
                    steps = len(perform(family, Replayed(best)).trace) if shorten else 0
                    return Kill(
                        mutant.name,
                        family,
                        seed,
                        outcome.violation,
                        steps,
                        f"{family}:{written(best)}",
                        seed * len(mutant.families),
                    )
    return Kill(mutant.name, tried=seeds * len(mutant.families))


def _short(family: str, taken: list[int], violation: str) -> list[int]:
    kind = violation[:24]
    return shrunk(
        taken,
        lambda given: (perform(family, Replayed(given)).violation or "").startswith(kind),
        patience=500,
    )


def hunt_all(jobs: int, seeds: int = SEEDS, names: str = "") -> Iterator[Kill]:
    """Yield how each mutant was caught, or that it was not."""
    chosen = [number for number, each in enumerate(MUTANTS) if names in each.name]
    with small_scale(openings()):
        if jobs == 1:
            yield from (_hunted((number, seeds)) for number in chosen)
            return
        with get_context("fork").Pool(jobs) as pool:
            yield from pool.imap(_hunted, [(number, seeds) for number in chosen])


def _hunted(task: tuple[int, int]) -> Kill:
    number, seeds = task
    return hunt(next(islice(MUTANTS, number, None)), seeds)
