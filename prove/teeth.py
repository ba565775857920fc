"""Shows that the checker can fail: every rule of the protocol removed, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from prove.choices import Choices, Replayed, Seeded, written
from prove.forks import forked
from prove.mutants import MUTANTS, Mutant, applied
from prove.runs import Outcome, perform, play
from prove.search import openings
from prove.shrink import shrunk
from prove.stage import small_scale

SEEDS = 12_000
"""Seeds of each family after which a mutant has survived."""
SPARED = 200
"""The same for a rule that is said not to be missed."""


@dataclass(frozen=True, slots=True)
class Kill:
    """How a mutant was caught: in which run, and how short that run can be made."""

    mutant: str
    family: str = ""
    violation: str = ""
    seed: int = 0
    steps: int = 0
    replay: str = ""
    tried: int = 0
    caught: bool = False
    spare: str = ""
    """Why the rule is not missed, if it is not."""


def hunt(mutant: Mutant, seeds: int = SEEDS, *, shorten: bool = True) -> Kill:
    """Look for a run that shows a mutant."""
    families = ("",) if mutant.plan else mutant.families
    seeds = min(seeds, SPARED) if mutant.spare else seeds
    with applied(mutant):
        for seed in range(seeds):
            for number, family in enumerate(families):
                choices = Seeded(seed)
                violation = _run(mutant, family, choices).violation
                if violation:
                    tried = seed * len(families) + number + 1
                    kill = _kill(mutant, family, choices.taken, violation, shorten=shorten)
                    return replace(kill, seed=seed, tried=tried)
    return Kill(mutant.name, tried=seeds * len(families), spare=mutant.spare)


def _run(mutant: Mutant, family: str, choices: Choices) -> Outcome:
    """Do one run of a family, or of the mutant's own scenario."""
    if mutant.plan is not None:
        return play(mutant.plan, choices)
    return perform(family, choices)


def _kill(mutant: Mutant, family: str, taken: list[int], violation: str, *, shorten: bool) -> Kill:
    best = taken
    if shorten:
        kind = violation[:24]
        best = shrunk(
            taken,
            lambda given: (_run(mutant, family, Replayed(given)).violation or "").startswith(kind),
            patience=150,
        )
    outcome = _run(mutant, family, Replayed(best))
    return Kill(
        mutant=mutant.name,
        family=family or "a scenario of its own",
        violation=outcome.violation or violation,
        steps=len(outcome.trace),
        replay=written(best),
        caught=True,
        spare=mutant.spare,
    )


def hunt_all(jobs: int, seeds: int = SEEDS, names: str = "") -> Iterator[Kill]:
    """Yield how each mutant was caught, or that it was not."""
    chosen = [number for number, each in enumerate(MUTANTS) if names in each.name]
    with small_scale(openings()):
        if jobs == 1:
            yield from (_hunted((number, seeds)) for number in chosen)
            return
        with forked(jobs) as pool:
            yield from pool.imap(_hunted, [(number, seeds) for number in chosen])


def _hunted(task: tuple[int, int]) -> Kill:
    number, seeds = task
    return hunt(next(islice(MUTANTS, number, None)), seeds)
