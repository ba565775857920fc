"""The parts of the docs that are made from the code, between `<!-- made: x -->` and `<!-- end -->`.

`python -m tests.docs.generated` writes them anew; a test holds them equal.
"""

import json
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from shared import catalogue
from shared.model.declaration import Migration
from shared.model.environment import Soak
from shared.model.moves import IN_PLACE_MOVES, PAIRED_MOVES, Guard, Move
from shared.model.phases import IN_PLACE, PAIRED, Phase
from tests.docs.pages import DOCS
from tests.in_place import toy
from tests.infra.assembly import placed, statements, synthesise

_PART = r"(<!-- made: {name} -->\n).*?(<!-- end -->)"
_GUARDS = list(Guard)
_COLUMNS = {count: "|" + " --- |" * count for count in (3, 4, 5, 8)}


def phases_table() -> str:
    """Return every phase between two tables: who answers, who is written, its watch on AWS."""
    lines = ["| phase | class | v1 | v2 | watched before the next move |", _COLUMNS[5]]
    for phase in PAIRED:
        primary, watch = phase.primary.value, _watch(phase)
        lines.append(
            f"| `{phase}` | {phase.group} | {_role(phase, 'source', primary)} |"
            f" {_role(phase, 'target', primary)} | {watch} |"
        )
    return _table(lines)


def phases_in_place() -> str:
    """Return every phase within one table: what writers leave behind, its watch on AWS."""
    header = "| phase | a create is stored | an update leaves | watched before the next move |"
    lines = [header, _COLUMNS[4]]
    for phase in IN_PLACE:
        create, update = _SHAPES[phase]
        lines.append(f"| `{phase}` | {create} | {update} | {_watch(phase)} |")
    return _table(lines)


_OLD = ("in the old shape", "the shape it finds")
_NEW = ("in the new shape", "the new shape")
_SHAPES = {
    Phase.OFF: _OLD,
    Phase.READ_BOTH: _OLD,
    Phase.WRITE_NEW: tuple(f"{each}, for the share of the keys" for each in _NEW),
    Phase.VALIDATE: _NEW,
    Phase.DONE: _NEW,
}
"""What becomes of a record that is written in a phase, by a create and by an update."""


def moves_between_two() -> str:
    """Return the moves between two tables."""
    return moves_table(PAIRED_MOVES)


def moves_in_place() -> str:
    """Return the moves within one table."""
    return moves_table(IN_PLACE_MOVES)


def moves_table(moves: Sequence[Move]) -> str:
    """Return allowed moves, each with its reason and its guards."""
    lines = ["| move | what it means | guards |", _COLUMNS[3]]
    for move in moves:
        guards = ", ".join(f"`{guard}`" for guard in sorted(move.guards, key=_GUARDS.index))
        lines.append(f"| `{move.start}` → `{move.end}` | {move.reason} | {guards or 'none'} |")
    return _table(lines)


def diagram_between_two() -> str:
    """Return the moves between two tables as a diagram."""
    return diagram(PAIRED_MOVES)


def diagram_in_place() -> str:
    """Return the moves within one table as a diagram."""
    return diagram(IN_PLACE_MOVES)


def diagram(moves: Sequence[Move]) -> str:
    """Return moves as a diagram; dotted ones lead back."""
    arrows = {True: "-->", False: "-.->"}
    lines = [f"    {move.start} {arrows[move.forward]} {move.end}" for move in moves]
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"]) + "\n"


def grants_between_two() -> str:
    """Return what each function may do where all is deployed that two tables may need."""
    return grants_table(replace(catalogue.load("personnel"), mode="availability_first"), PLACES)


def grants_in_place() -> str:
    """Return what each function may do where there is one table and its reference."""
    return grants_table(toy.MIGRATION, PLACES_IN_PLACE)


def grants_table(declared: Migration, columns: Sequence[str]) -> str:
    """Return, for every function, what its role may do, from a synthesis of the app."""
    lines = ["| function | " + " | ".join(columns) + " |", _COLUMNS[len(columns) + 1]]
    for name, places in grants(declared).items():
        cells = [_worded(places.get(place, set())) for place in columns]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return _table(lines).replace(f"/{declared.name}/", "/MIGRATION/")


def grants(declared: Migration) -> dict[str, dict[str, set[str]]]:
    """Return each function's actions by the place they are allowed on, traces and logs apart."""
    migration, environment = placed(declared)
    prefix = f"cutover-{declared.name}-"
    with tempfile.TemporaryDirectory() as folder:
        assembly = synthesise(Path(folder), [migration], environment)
    policies: dict[str, list[dict[str, Any]]] = {}
    for _, policy in assembly.resources("AWS::IAM::Policy"):
        policies.setdefault(policy["Roles"][0]["Ref"], []).extend(statements(policy))
    found = {}
    for _, function in assembly.resources("AWS::Lambda::Function"):
        role = function["Role"]["Fn::GetAtt"][0]
        name = function["FunctionName"].removeprefix(prefix).replace("-", "_")
        found[name] = _by_place(policies[role])
    return dict(sorted(found.items()))


PLACES = ("v1", "v2", "indexes", "phase table", "ledger", "archive", "elsewhere")
"""The columns of the grants: what a role may act on."""
PLACES_IN_PLACE = ("table", "reference", "indexes", "phase table", "ledger", "archive", "elsewhere")
"""The same where there is one table."""

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
    f"table/{toy.NOTES.name}/index": ("indexes", ""),
    f"table/{toy.NOTES.name}/export": ("elsewhere", " of the table's exports"),
    f"table/{toy.NOTES.name}": ("table", ""),
    f"table/{toy.AUTHORS.name}": ("reference", ""),
    "table/cutover-control": ("phase table", ""),
    "table/cutover-ledger": ("ledger", ""),
    ":execution:": ("elsewhere", " of the four machines"),
    "-validate": ("elsewhere", " of `validate`"),
    "-rollback": ("elsewhere", " of `rollback`"),
    "-migrate": ("elsewhere", " of `migrate`"),
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
    "moves": ("phases.md", moves_between_two),
    "diagram": ("phases.md", diagram_between_two),
    "phases-in-place": ("phases.md", phases_in_place),
    "moves-in-place": ("phases.md", moves_in_place),
    "diagram-in-place": ("phases.md", diagram_in_place),
    "grants": ("security.md", grants_between_two),
    "grants-in-place": ("security.md", grants_in_place),
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
    if phase.ramped:
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
            if under := statement.get("Condition", {}).get("StringLike", {}).get("s3:prefix"):
                words = f" `{under}`"
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
        within = resource.partition("us-east-1/")[2]
        return "archive", f" `{within}`" if within else ""
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
