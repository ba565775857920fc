"""What a person reads of a search, of the mutants and of the crashes."""

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain

from prove.crashes import Crashes
from prove.families import FAMILIES
from prove.search import Figures, small_tasks
from prove.teeth import Kill, Teeth
from prove.telling import OWN, command
from shared.model.moves import MOVES


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell_progress(figures: Figures) -> None:
    """Say how far a search is."""
    scopes, wanted = sum(figures.scopes.values()), len(small_tasks())
    say(
        f"{figures.seconds:6.0f} s  {figures.interleavings:,} distinct interleavings of "
        f"{sum(figures.runs.values()):,} runs; {scopes:,} of {wanted:,} small scenarios"
    )


def tell_families(figures: Figures) -> None:
    """Print what was gone through of each pair of classes, and what was met there."""
    planned = Counter(family for family, _, _ in small_tasks())
    for family in (each for each in FAMILIES if each in figures.runs):
        branches = figures.branches[family]
        say(f"\n{family}")
        say(
            f"  {len(figures.distinct[family]):,} distinct interleavings in "
            f"{figures.runs[family]:,} runs, {figures.small[family]:,} of them in "
            f"{figures.scopes[family]} of {planned[family]} small scenarios"
        )
        for title, wanted in (("moves", True), ("branches", False)):
            found = sorted((n, t) for n, t in branches.items() if (" → " in n) is wanted)
            say(f"  {title}: {', '.join(f'{name} {times:,}' for name, times in found)}")


def figures_in_words(figures: Figures) -> list[str]:
    """Return what a search found, for the last line."""
    every = set(chain.from_iterable(figures.branches.values()))
    declared = {f"{move.start} → {move.end}" for move in MOVES}
    whole = "complete" if figures.complete() else "NOT complete"
    return [
        f"{figures.interleavings:,} distinct interleavings of {sum(figures.runs.values()):,} runs",
        f"{len(figures.anomalies)} anomalies",
        f"{len(declared & every)} of {len(declared)} moves",
        f"{len([each for each in every if ' → ' not in each])} branches",
        f"small scopes {whole}",
        f"{figures.seconds:.0f} s",
    ]


def tell_kills(kills: Iterator[Kill], *, commands: bool = False) -> Teeth:
    """Print the table of the mutants and return what it comes to.

    With `commands` it says how to see the shortest run found that shows each.
    """
    teeth = Teeth()
    say(f"{'rule removed':52} {'runs':>6} {'seed':>6} {'steps':>5}  caught by")
    for kill in kills:
        teeth.kills.append(kill)
        seed = str(kill.seed) if kill.caught else "-"
        say(f"{kill.mutant:52} {kill.tried:6} {seed:>6} {kill.steps:5}  {_caught_by(kill)}")
        if commands and kill.caught:
            scenario = kill.family if kill.family in FAMILIES else OWN
            say(f"  {command(f'{scenario}:{kill.replay}', kill.mutant)}")
    return teeth


def _caught_by(kill: Kill) -> str:
    if kill.caught:
        return f"{kill.family}: {kill.violation[:90]}"
    if kill.implied:
        return f"redundant: implied by {kill.implied}; without both see: {', '.join(kill.both)}"
    return f"NOT CAUGHT {kill.violation}"


def tell_crashes(results: Iterator[Crashes]) -> tuple[int, int]:
    """Print what came of the crashes; return how many there were and how many ended otherwise."""
    crashes = failed = 0
    for result in results:
        crashes += result.crashes
        failed += len(result.failures)
        say(str(result))
        for failure in result.failures[:5]:
            say(f"  NOT ALIKE {failure}")
    return crashes, failed
