"""The command: `python -m prove [--everything] [--interleavings N] [--minutes M] [--jobs J] …`."""

import argparse
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext

from prove.choices import Replayed
from prove.crashes import crash_everywhere
from prove.mutants import applied, named
from prove.report import (
    figures_in_words,
    say,
    tell_crashes,
    tell_families,
    tell_kills,
    tell_progress,
)
from prove.runs import play
from prove.scale import small_scale
from prove.search import Anomaly, Figures, openings, replayed, search, shortest
from prove.teeth import SEEDS, hunt_all, stages
from prove.telling import command, own_decisions, told


def main(given: Sequence[str] | None = None) -> int:
    """Do what the arguments ask for; 1 when something was found that must not be."""
    asked = _arguments(given)
    if asked.replay:
        return _replay(asked.replay, asked.without)
    if asked.mutants is not None:
        kills = hunt_all(asked.jobs, asked.seeds, asked.mutants)
        teeth = tell_kills(kills, commands=bool(asked.mutants))
        say(str(teeth))
        return 1 if teeth.survivors else 0
    if asked.crashes:
        crashes, failed = tell_crashes(crash_everywhere(asked.jobs))
        say(f"{crashes:,} crashes, {failed} ended otherwise")
        return 1 if failed else 0
    return _everything(asked) if asked.everything else _search(asked, asked.minutes, [])


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m prove",
        description="Runs the real engine under every interleaving there is time for.",
        epilog="example: python -m prove --everything --minutes 40 --jobs 2",
    )
    parser.add_argument("--interleavings", type=int, default=1_000_000, help="distinct ones wanted")
    parser.add_argument("--minutes", type=float, default=40.0, help="when to stop in any case")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--large-only", action="store_true", help="leave the small scopes out")
    parser.add_argument("--everything", action="store_true", help="mutants and crashes as well")
    parser.add_argument("--replay", metavar="RUN", help="do one run again, step by step")
    parser.add_argument("--without", metavar="RULE", help="replay it with a rule removed")
    parser.add_argument(
        "--mutants", nargs="?", const="", metavar="NAME", help="remove each rule and be caught"
    )
    parser.add_argument("--seeds", type=int, default=SEEDS, help="seeds per mutant and family")
    parser.add_argument("--crashes", action="store_true", help="crash at every step of every run")
    return parser.parse_args(given)


def _everything(asked: argparse.Namespace) -> int:
    """Remove each rule, crash everywhere, and search for as long as is left."""
    began = time.monotonic()
    say("Without each rule of the protocol")
    teeth = tell_kills(hunt_all(asked.jobs, asked.seeds))
    say("\nCrashes at every port call of every kind of run")
    crashes, failed = tell_crashes(crash_everywhere(asked.jobs))
    say("\nInterleavings")
    before = [
        str(teeth),
        f"{crashes:,} crashes, {failed} ended otherwise",
    ]
    found = _search(asked, asked.minutes - (time.monotonic() - began) / 60, before)
    return 1 if teeth.survivors or failed or found else 0


def _search(asked: argparse.Namespace, minutes: float, before: list[str]) -> int:
    figures = search(
        asked.interleavings,
        minutes,
        asked.jobs,
        asked.seed,
        small=not asked.large_only,
        shown=tell_progress,
    )
    tell_families(figures)
    _tell_anomalies(figures)
    say(f"\n{', '.join([*figures_in_words(figures), *before])}")
    whole = asked.large_only or figures.complete()
    enough = figures.interleavings >= asked.interleavings
    return 0 if whole and enough and not figures.anomalies else 1


def _tell_anomalies(figures: Figures) -> None:
    for anomaly in figures.anomalies[:3]:
        say(f"\nANOMALY in {anomaly.family}: {anomaly.violation}")
        with small_scale(openings()):
            _show(_shortened(anomaly).text)


def _shortened(anomaly: Anomaly) -> Anomaly:
    say(f"{command(anomaly.text)} shows it; looking for a shorter one")
    return shortest(anomaly)


def _replay(text: str, without: str | None) -> int:
    with small_scale(stages()), applied(named(without)) if without else nullcontext():
        return _show(text, without)


def _show(text: str, without: str | None = None) -> int:
    """Do a run again and tell it; 1 when something is wrong in it."""
    own = own_decisions(text)
    scenario = named(without).plan if own is not None and without else None
    if own is not None and scenario is None:
        say(f"{text!r} is of a rule that has a scenario of its own: name it with --without")
        return 2
    outcome = play(scenario, Replayed(own)) if scenario and own is not None else replayed(text)
    for line in told(outcome, command(text, without)):
        say(line)
    return 1 if outcome.violation else 0


if __name__ == "__main__":
    sys.exit(main())
