"""The command: `python -m prove [--interleavings N] [--minutes M] [--jobs J] | --mutants | …`."""

import argparse
import sys
from collections.abc import Sequence
from itertools import chain

from prove.crashes import crash_everywhere
from prove.scenarios import FAMILIES
from prove.search import Anomaly, Figures, openings, replayed, search, shortest
from prove.stage import small_scale
from prove.teeth import SEEDS, hunt_all
from shared.model.phases import MOVES


def main(given: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for; 1 when something was found that must not be."""
    asked = _arguments(given)
    if asked.replay:
        return _replay(asked.replay)
    if asked.mutants is not None:
        return _mutants(asked.jobs, asked.seeds, asked.mutants)
    if asked.crashes:
        return _crashes()
    figures = search(
        asked.interleavings,
        asked.minutes,
        asked.jobs,
        asked.seed,
        small=not asked.large_only,
        shown=_progress,
    )
    return _report(figures)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m prove",
        description="Runs the real engine under every interleaving there is time for.",
        epilog="example: python -m prove --interleavings 1000000 --minutes 40 --jobs 2",
    )
    parser.add_argument("--interleavings", type=int, default=1_000_000, help="distinct ones wanted")
    parser.add_argument("--minutes", type=float, default=40.0, help="when to stop in any case")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--large-only", action="store_true", help="leave the small scopes out")
    parser.add_argument("--replay", metavar="RUN", help="do one run again, step by step")
    parser.add_argument(
        "--mutants", nargs="?", const="", metavar="NAME", help="remove each rule and be caught"
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds per mutant and family")
    parser.add_argument("--crashes", action="store_true", help="crash at every step of every run")
    return parser.parse_args(given)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _progress(figures: Figures) -> None:
    _say(f"{figures.seconds:6.0f} s  {figures.interleavings:,} distinct interleavings")


def _report(figures: Figures) -> int:
    for family in FAMILIES:
        if family not in figures.runs:
            continue
        branches = figures.branches[family]
        moves = {name: times for name, times in branches.items() if " → " in name}
        others = {name: times for name, times in branches.items() if " → " not in name}
        _say(f"\n{family}")
        _say(
            f"  {len(figures.distinct[family]):,} distinct interleavings in "
            f"{figures.runs[family]:,} runs, {figures.small[family]:,} of them all of a small scope"
        )
        for title, counted in (("moves", moves), ("branches", others)):
            listed = ", ".join(f"{name} {times:,}" for name, times in sorted(counted.items()))
            _say(f"  {title}: {listed}")
    for anomaly in figures.anomalies[:3]:
        _anomaly(anomaly)
    every = set(chain.from_iterable(figures.branches.values()))
    declared = {f"{move.start} → {move.end}" for move in MOVES}
    _say(
        f"\n{figures.interleavings:,} distinct interleavings, {len(figures.anomalies)} anomalies, "
        f"{len(declared & every)} of {len(declared)} moves, "
        f"{len([each for each in every if ' → ' not in each])} branches, "
        f"small scopes {'complete' if figures.complete else 'not complete'}, "
        f"{figures.seconds:.0f} s"
    )
    return 1 if figures.anomalies else 0


def _anomaly(anomaly: Anomaly) -> None:
    _say(f"\nANOMALY in {anomaly.family}: {anomaly.violation}")
    with small_scale(openings()):
        _show(shortest(anomaly).text)


def _replay(text: str) -> int:
    with small_scale(openings()):
        return _show(text)


def _show(text: str) -> int:
    outcome = replayed(text)
    for number, step in enumerate(outcome.trace, 1):
        _say(f"  {number:4} {step}")
    for call in outcome.history:
        _say(f"  {call}")
    _say(f"{outcome.violation or 'nothing wrong'}")
    _say(f"python -m prove --replay '{text}'")
    return 1 if outcome.violation else 0


def _mutants(jobs: int, seeds: int, names: str) -> int:
    survived = 0
    _say(f"{'rule removed':48} {'runs':>6} {'steps':>5}  caught by")
    for kill in hunt_all(jobs, seeds, names):
        survived += not kill.caught and not kill.spare
        missed = f"not missed: {kill.spare}" if kill.spare else "NOT CAUGHT"
        told = f"{kill.family}: {kill.violation[:90]}" if kill.caught else missed
        _say(f"{kill.mutant:48} {kill.tried:6} {kill.steps:5}  {told}")
    _say(f"{survived} survived")
    return 1 if survived else 0


def _crashes() -> int:
    failed = 0
    for result in crash_everywhere():
        failed += len(result.failures)
        _say(str(result))
        for failure in result.failures[:5]:
            _say(f"  NOT ALIKE {failure}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
