"""Shows that the checker can fail: every rule of the protocol removed, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from prove.choices import Choices, Replayed, Seeded, written
from prove.forks import forked
from prove.mutants import MUTANTS, Mutant, applied
from prove.playing import Outcome
from prove.runs import perform, play
from prove.scale import small_scale
from prove.scenarios import Plan
from prove.search import openings
from prove.shrink import shrunk
from prove.stage import Opening

SEEDS = 12_000
"""Seeds of each family after which a mutant has survived."""
SPARED = 200
"""The same for a rule that something stands in for."""
SOUND = 200
"""Runs of a mutant's own scenario that must be right with the rule, or it shows nothing."""


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
    implied: str = ""
    """What stands in for the rule, if something does."""
    both: tuple[str, ...] = ()
    """The mutants that lack what stands in for it as well."""


@dataclass(slots=True)
class Teeth:
    """What came of removing every rule."""

    kills: list[Kill] = field(default_factory=list)

    @property
    def pairs(self) -> set[str]:
        """Return the mutants that lack a rule together with what stands in for it."""
        return {name for kill in self.kills for name in kill.both}

    @property
    def redundant(self) -> list[Kill]:
        """Return the rules that were caught only together with what stands in for them."""
        caught = {kill.mutant for kill in self.kills if kill.caught}
        return [k for k in self.kills if not k.caught and k.both and caught.issuperset(k.both)]

    @property
    def survivors(self) -> list[Kill]:
        """Return the mutants of which nothing was seen, alone or in a pair."""
        return [k for k in self.kills if not k.caught and k not in self.redundant]

    def __str__(self) -> str:
        rules = [kill for kill in self.kills if kill.mutant not in self.pairs]
        alone = sum(kill.caught for kill in rules)
        return (
            f"{len(rules)} rules removed: {alone} caught alone, {len(self.redundant)} redundant "
            f"and caught with what implies them, {len(self.survivors)} survived"
        )


def hunt(mutant: Mutant, seeds: int = SEEDS, *, shorten: bool = True) -> Kill:
    """Look for a run that shows a mutant, and that only its lack can have made wrong."""
    seeds = min(seeds, SPARED) if mutant.implied else seeds
    with applied(mutant):
        kill = _hunt(mutant, seeds, shorten=shorten)
    if kill.caught and mutant.plan is not None:
        wrong = wrong_anyway(mutant.plan, kill.seed)
        if wrong:
            return replace(kill, caught=False, violation=f"its scenario fails anyway: {wrong}")
    return kill


def _hunt(mutant: Mutant, seeds: int, *, shorten: bool) -> Kill:
    families = ("",) if mutant.plan else mutant.families
    for seed, (number, family) in product(range(seeds), enumerate(families, 1)):
        choices = Seeded(seed)
        violation = _run(mutant, family, choices).violation
        if violation:
            kill = _kill(mutant, family, choices.taken, violation, shorten=shorten)
            return replace(kill, seed=seed, tried=seed * len(families) + number)
    tried = seeds * len(families)
    return Kill(mutant.name, tried=tried, implied=mutant.implied, both=mutant.both)


def wrong_anyway(plan: Plan, seed: int) -> str | None:
    """Return what is wrong in a scenario though no rule lacks, by this seed and those before."""
    outcomes = (play(plan, Seeded(each)) for each in range(max(0, seed - SOUND), seed + 1))
    return next((outcome.violation for outcome in outcomes if outcome.violation), None)


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
    )


def stages() -> Iterator[Opening]:
    """Yield every stage on which a scenario or a mutant's own one begins."""
    yield from openings()
    yield from (mutant.plan.opening for mutant in MUTANTS if mutant.plan is not None)


def chosen(names: str) -> list[int]:
    """Return the mutants of a name, with those that lack what stands in for their rules."""
    named = [each for each in MUTANTS if names in each.name]
    wanted = {each.name for each in named} | {name for each in named for name in each.both}
    return [number for number, each in enumerate(MUTANTS) if each.name in wanted]


def hunt_all(jobs: int, seeds: int = SEEDS, names: str = "") -> Iterator[Kill]:
    """Yield how each mutant was caught, or that it was not."""
    tasks = [(number, seeds) for number in chosen(names)]
    with small_scale(stages()):
        if jobs == 1:
            yield from map(_hunted, tasks)
            return
        with forked(jobs) as pool:
            yield from pool.imap(_hunted, tasks)


def _hunted(task: tuple[int, int]) -> Kill:
    number, seeds = task
    return hunt(MUTANTS[number], seeds)
