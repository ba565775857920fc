"""A run in words: what the scenario is, each step of it, what its callers saw, how to see it again.

Whoever reads it need not know the simulation; `shared/ports.py` says what each call is.
"""

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from prove.choices import parsed
from prove.in_place.stage import VARIANTS as IN_PLACE
from prove.playing import Outcome
from prove.ports import FREEZE
from prove.scenarios import Fault, Plan
from prove.stage import VARIANTS
from prove.steps import Step

OWN = "its own scenario"
"""What stands before the decisions of a run of a mutant's own scenario."""

WHO = {
    "w": "a caller, each with an instance of the service of its own",
    "c": "the operator",
    "d": "another operator",
    "v": "a worker of a job, or its twin",
    "t": "the tripwire, which reads the streams of both tables",
    "s": "the function that reads the queue of syncs",
    "o": "code that writes past the wrapper",
    "x": "a pass with repair, afterwards",
    "y": "the operator, afterwards",
    "z": "a fresh instance of the service, afterwards",
}
"""Who acts in a run, by the letter before the number in its name."""


def told(outcome: Outcome, command: str) -> Iterator[str]:
    """Yield the lines that tell of a run."""
    if outcome.plan is not None:
        yield from ("The scenario", *_scenario(outcome.plan))
    yield "The steps: who, and which call of the engine's ports (read, move: of the control item)"
    for name in dict.fromkeys(step[0] for step in outcome.trace):
        yield f"  {name} is {WHO[name]}"
    for number, step in enumerate(outcome.trace, 1):
        yield f"  {number:4} {step}"
    if outcome.history:
        yield "What callers asked and were told [when it began – when it ended]"
        yield from (f"  {call}" for call in outcome.history)
    yield f"What is wrong: {outcome.violation or 'nothing'}"
    yield f"To see it again: {command}"


def command(text: str, without: str | None = None) -> str:
    """Return what shows a run again, to be pasted at the root of the checkout."""
    python = os.path.relpath(sys.executable)
    given = [python if not python.startswith("..") else "python", "-m", "prove", "--replay", text]
    return shlex.join([*given, *(("--without", without) if without else ())])


def own_decisions(text: str) -> list[int] | None:
    """Return the decisions of a run of a mutant's own scenario; None for a run of a family."""
    name, _, decisions = text.rpartition(":")
    return parsed(decisions) if name == OWN else None


def _scenario(plan: Plan) -> Iterator[str]:
    phase, variant, later = plan.opening
    known: dict[str, Any] = IN_PLACE if plan.in_place else VARIANTS
    meant = (known[variant].__doc__ or "").strip().rstrip(".")
    found = f"{variant} ({meant})" if meant else variant
    yield f"  it begins in {phase}; the record a is found: {found}"
    if later:
        yield f"  then, in {phase}: {later}"
    for number, wishes in enumerate(plan.clients):
        yield f"  w{number} asks: {', '.join(_wish(each) for each in wishes)}"
    for name, path in (("c", plan.path), ("d", plan.rival)):
        if path:
            yield f"  {name} does: {', '.join(_step(each) for each in path)}"
    yield from (f"  {each}" for each in _circumstances(plan))


def _wish(wish: Any) -> str:
    waits = f" after {wish.seconds:g} s" if wish.seconds else ""
    how = {"freeze": ", for which its process stands still", "jump": ", and its clock is set back"}
    return f"{wish.what} {wish.key}{waits}{how.get(wish.after, '')}"


def _step(step: Step) -> str:
    what, phase = step
    return f"{what} {phase}" if phase else what


def _circumstances(plan: Plan) -> Iterator[str]:
    """Yield what else is so in a scenario."""
    yield from (_fault(each, len(plan.clients)) for each in plan.faults)
    circumstances: Sequence[tuple[object, str]] = (
        (plan.slow is not None, f"each request of w{plan.slow} takes as long as it may"),
        (plan.blind is not None, f"w{plan.blind} reaches the control table once, and never again"),
        (plan.late, f"plain reads see a transaction's part in {plan.late} later than the other"),
        (
            plan.twins is not None,
            f"each piece of work is done by a second worker, {plan.twins or 0:g} s later",
        ),
        (plan.outside, f"o writes past the wrapper: {plan.outside}"),
        (plan.mends, "the tripwire mends what it finds"),
        (plan.dead, f"the replica of an availability-first phase is dead for {plan.dead:g} s"),
        (plan.percent != 100, f"the share is {plan.percent} %"),
        (plan.changed, "the code that runs has another transform"),
    )
    yield from (words for so, words in circumstances if so)


def _fault(fault: Fault, clients: int) -> str:
    who = f"w{fault.who}" if fault.who < clients else f"actor {fault.who}, counted from w0,"
    what = "write" if fault.writes else "call"
    frozen = f" (frozen: for {FREEZE:g} s)" if "frozen after" in fault.kinds else ""
    return f"{who} meets at its {what} {fault.number}: {', then '.join(fault.kinds)}{frozen}"
