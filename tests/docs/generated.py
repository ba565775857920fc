"""The parts of the docs that are made from the code, between `<!-- made: x -->` and `<!-- end -->`.

`python -m tests.docs.generated` writes them anew; a test holds them equal.
"""

import json
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared import catalogue
from shared.model.environment import Soak
from shared.model.phases import MOVES, Guard, Phase
from tests.docs.pages import DOCS
from tests.infra.assembly import placed, statements, synthesise

_PART = r"(<!-- made: {name} -->\n).*?(<!-- end -->)"
_GUARDS = list(Guard)
_PREFIX = "cutover-personnel-"
_COLUMNS = {count: "|" + " --- |" * count for count in (3, 5, 8)}


def phases_table() -> str:
    """Return every phase with who answers, who is written, and its watch on AWS."""
    lines = ["| phase | class | v1 | v2 | watched before the next move |", _COLUMNS[5]]
    for phase in Phase:
        primary, watch = phase.primary.value, _watch(phase)
        lines.append(
            f"| `{phase}` | {phase.group} | {_role(phase, 'source', primary)} |"
            f" {_role(phase, 'target', primary)} | {watch} |"
        )
    return _table(lines)


def moves_table() -> str:
    """Return every allowed move with its reason and its guards."""
    lines = ["| move | what it means | guards |", _COLUMNS[3]]
    for move in MOVES:
        guards = ", ".join(f"`{guard}`" for guard in sorted(move.guards, key=_GUARDS.index))
        lines.append(f"| `{move.start}` → `{move.end}` | {move.reason} | {guards or 'none'} |")
    return _table(lines)


def diagram() -> str:
    """Return the moves as a diagram; dotted ones lead back."""
    arrows = {True: "-->", False: "-.->"}
    moves = [f"    {move.start} {arrows[move.forward]} {move.end}" for move in MOVES]
    return "\n".join(["```mermaid", "flowchart LR", *moves, "```"]) + "\n"


def grants_table() -> str:
    """Return, for every function, what its role may do, from a synthesis of the app."""
    lines = ["| function | " + " | ".join(PLACES) + " |", _COLUMNS[len(PLACES) + 1]]
    for name, places in grants().items():
        cells = [_worded(places.get(place, set())) for place in PLACES]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return _table(lines)


def grants() -> dict[str, dict[str, set[str]]]:
    """Return each function's actions by the place they are allowed on, traces and logs apart."""
    declared = replace(catalogue.load("personnel"), mode="availability_first")
    migration, environment = placed(declared)
    with tempfile.TemporaryDirectory() as folder:
        assembly = synthesise(Path(folder), [migration], environment)
    policies: dict[str, list[dict[str, Any]]] = {}
    for _, policy in assembly.resources("AWS::IAM::Policy"):
        policies.setdefault(policy["Roles"][0]["Ref"], []).extend(statements(policy))
    found = {}
    for _, function in assembly.resources("AWS::Lambda::Function"):
        role = function["Role"]["Fn::GetAtt"][0]
        name = function["FunctionName"].removeprefix(_PREFIX).replace("-", "_")
        found[name] = _by_place(policies[role])
    return dict(sorted(found.items()))


PLACES = ("v1", "v2", "indexes", "phase table", "ledger", "archive", "elsewhere")
"""The columns of the grants: what a role may act on."""

WORDS: dict[str, set[str]] = {
    "keep": {"BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"},
    "describe": {"DescribeContinuousBackups", "DescribeTable"},
}
"""Sets of actions that have a word of their own, which docs/security.md explains."""

_V1, _V2 = (getattr(catalogue.load("personnel"), side).name for side in ("source", "target"))
_MARKS: dict[str, tuple[str | None, str]] = {
    f"table/{_V1}/index": ("indexes", ""),
    f"table/{_V2}/index": ("indexes", ""),
    f"table/{_V1}/export": ("elsewhere", " of v1's exports"),
    f"table/{_V2}": ("v2", ""),
    f"table/{_V1}": ("v1", ""),
    "table/cutover-control": ("phase table", ""),
    "table/cutover-ledger": ("ledger", ""),
    ":execution:": ("elsewhere", " of the four machines"),
    ":stateMachine:cutover-personnel-validate": ("elsewhere", " of `validate`"),
    ":stateMachine:cutover-personnel-rollback": ("elsewhere", " of `rollback`"),
    ":stateMachine:cutover-personnel-migrate": ("elsewhere", " of `migrate`"),
    ":cutover-notifications": ("elsewhere", " of notifications"),
    "CursorSecret": ("elsewhere", " of the cursor secret"),
    "StreamArn": ("elsewhere", " of both streams"),
    "ShadowKeys": ("elsewhere", " of the queue of shadow reads"),
    "cutover-personnel-syncs": ("elsewhere", " of the queue of syncs"),
    "SyncWaiting": ("elsewhere", " of the queue of syncs"),
    "AlarmFailed": ("elsewhere", " of the queue of unanswered alarms"),
    "WatchFailed": ("elsewhere", " of the queue of failed batches"),
}
"""The column of a resource by a part of its ARN, the first that fits."""

PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "phases": ("phases.md", phases_table),
    "moves": ("phases.md", moves_table),
    "diagram": ("phases.md", diagram),
    "grants": ("security.md", grants_table),
}
"""Each made part: its page, and how it is made."""


def part(text: str, name: str) -> str:
    """Return what a page holds between the marks of a part."""
    found = re.search(_PART.format(name=name), text, re.DOTALL)
    if found is None:
        raise ValueError(f"no part {name!r}")
    return found[0].removeprefix(found[1]).removesuffix(found[2])


def write() -> None:
    """Write all made parts into their pages."""
    for name, (page, make) in PARTS.items():
        path = DOCS / page
        text = path.read_text(encoding="utf-8")
        part(text, name)
        made = make()
        pattern = _PART.format(name=name)
        text = re.sub(pattern, lambda found: found[1] + made + found[2], text, flags=re.DOTALL)  # noqa: B023 - called at once
        path.write_text(text, encoding="utf-8")


def _role(phase: Phase, side: str, primary: str) -> str:
    if side == "source" and not phase.source_exists:
        return "deleted"
    if side == primary:
        return "read and written" if phase is not Phase.READ_N else "primary, read in part"
    if phase is Phase.READ_N:
        return "written, read in part"
    if phase.follows:
        return "follows, never read"
    if phase.dual:
        return "written"
    return "closed for writes" if phase is Phase.ARCHIVED else "left alone"


def _watch(phase: Phase) -> str:
    soak = Soak()
    if phase is Phase.READ_N:
        return f"{_span(soak.after(phase, 1))} a step, {_span(soak.after(phase, 100))} at 100 %"
    return _span(soak.after(phase, 100))


def _span(seconds: float) -> str:
    if seconds == 0:
        return "no watch"
    hours = seconds / 3600
    return f"{hours / 24:.0f} days" if hours > 48 else f"{hours:.0f} h"


def _by_place(found: list[dict[str, Any]]) -> dict[str, set[str]]:
    places: dict[str, set[str]] = {}
    for statement in found:
        for resource in statement["Resource"]:
            text = resource if isinstance(resource, str) else json.dumps(resource)
            place, words = _place(text)
            if "cloudwatch:DescribeAlarms" in statement["Action"]:
                places.setdefault("elsewhere", set()).add("DescribeAlarms of every alarm")
            if place is not None:
                actions = {each.partition(":")[2] for each in statement["Action"]}
                places.setdefault(place, set()).update(f"{each}{words}" for each in actions)
    return places


def _place(resource: str) -> tuple[str | None, str]:
    """Return the column of a resource and what to add to each action; None for logs and traces."""
    if resource == "*" or "Logs" in resource:
        return None, ""
    if "cutover-archive-" in resource:
        return "archive", f" `{resource.partition('us-east-1/')[2]}`"
    return next(found for mark, found in _MARKS.items() if mark in resource)


def _worded(actions: set[str]) -> str:
    """Return actions as text; sets that stand for a whole kind of work have a word."""
    words = []
    for word, whole in WORDS.items():
        if whole <= actions:
            words.append(f"*{word}*")
            actions = actions - whole
    plain = sorted(each for each in actions if "`" not in each or " of " in each)
    within: dict[str, list[str]] = {}
    for each in sorted(actions - set(plain)):
        action, _, prefix = each.partition(" ")
        within.setdefault(prefix, []).append(action)
    words += [f"{prefix}: {', '.join(found)}" for prefix, found in within.items()]
    return ", ".join([*words, *plain]) or "–"


def _table(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write()
