"""The protocol with one rule removed: each of these must be caught, or the checker is blind.

A mutant is a patch of the real engine for the time of a run. Which families of scenarios may
show it is part of its description; the search goes through them seed by seed.
"""

from prove.in_place.mutants import IN_PLACE
from prove.mutants.conditions import CONDITIONS
from prove.mutants.detours import DETOURS
from prove.mutants.jobs import JOBS
from prove.mutants.patching import Mutant, applied
from prove.mutants.phases import PHASES
from prove.mutants.single import SINGLE
from prove.mutants.writers import WRITERS

MUTANTS: tuple[Mutant, ...] = (
    *(*CONDITIONS, *WRITERS, *SINGLE, *PHASES),
    *(*JOBS, *DETOURS, *IN_PLACE),
)


def named(name: str) -> Mutant:
    """Return the mutant of this name."""
    return next(each for each in MUTANTS if each.name == name)


__all__ = ["MUTANTS", "Mutant", "applied", "named"]
