"""The view of a run's report: its counts, then each finding with what differs."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cli.screen import inline, printable
from cli.times import moment, seconds_of, span
from cli.views.criteria import criteria_view
from cli.views.launched import COUNTS
from cli.views.layout import facts, heading, listing, number, status_text
from cli.views.measured import measured_view
from cli.views.shadow import shadow_steps
from shared.engine.count_names import count_name
from shared.engine.failures import told_by
from shared.model.runs import FindingKind, RunStatus


def report_view(document: dict[str, Any]) -> Group:
    """Return a report as it was stored (shared/engine/reports.py)."""
    status = RunStatus(document["status"])
    title = Text.assemble((f"{document['kind']} {document['run_id']}  ", "bold"))
    parts: list[RenderableType] = [
        title.append_text(status_text(status)),
        facts(_facts(document)),
    ]
    if trouble := trouble_in(document):
        parts.append(facts(trouble))
    indexes = document["facts"].get("indexes") or {}
    if indexes:
        parts += [heading("Indexes of v2"), _indexes(indexes)]
    parts += shadow_steps(document.get("shadow_reads", []))
    parts += measured_view(document["facts"])
    parts += criteria_view(document["facts"].get("criteria") or [])
    parts += _findings(findings_in(document), sides(document))
    return Group(*parts)


def value_text(wire: Any) -> str:
    """Return a value in DynamoDB JSON shortly: a text in quotes, a number bare, the rest as is."""
    if isinstance(wire, dict) and len(wire) == 1:
        ((kind, body),) = wire.items()
        if kind == "N":
            return str(body)
        if kind == "NULL":
            return "absent or null"
        if kind in ("S", "BOOL"):
            return json.dumps(body, ensure_ascii=False)
    return json.dumps(wire, ensure_ascii=False)


def _facts(document: dict[str, Any]) -> dict[str, str | Text]:
    started = seconds_of(document["started_at"])
    times = moment(started)
    if document["finished_at"]:
        times += f", took {span(seconds_of(document['finished_at']) - started)}"
    kind = document["kind"]
    in_place = bool(document.get("in_place"))
    counted = {
        count_name(n, kind, in_place=in_place): number(document[n]) for n in COUNTS if document[n]
    }
    attempts = {"attempts": str(document["attempts"])} if document["attempts"] > 1 else {}
    return {
        "migration": document["migration"],
        "phase": document["phase"],
        "started": times,
        **attempts,
        "scanned": "0",
        **counted,
    }


def _indexes(indexes: dict[str, dict[str, int]]) -> RenderableType:
    rows = [
        (
            name,
            number(each["expected"]),
            Text(
                number(each["found"]), "green" if each["found"] == each["expected"] else "bold red"
            ),
        )
        for name, each in sorted(indexes.items())
    ]
    return listing(("INDEX", ">EXPECTED", ">FOUND"), rows)


def trouble_in(document: dict[str, Any]) -> dict[str, str]:
    """Return why a run failed or was held, by what it is."""
    cause, held = document["facts"].get("cause"), document["facts"].get("held")
    error = told_by(str(cause)).get("message") if cause else None
    return {name: str(why) for name, why in (("error", error), ("held", held)) if why}


def findings_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a report's findings, first those that a person must act on: what nobody uses stops
    nothing, and may be long."""
    return sorted(document["findings"], key=lambda each: bool(each["kind"] == FindingKind.UNUSED))


def kinds_of(findings: Sequence[dict[str, Any]]) -> str:
    """Return how many findings of each kind there are, where there are several."""
    kinds = Counter(each["kind"] for each in findings)
    return ", ".join(f"{number(n)} {kind}" for kind, n in kinds.items()) if len(kinds) > 1 else ""


def sides(document: dict[str, Any]) -> tuple[str, str]:
    """Return what the two values of a difference are called in a report."""
    return ("expected", "stored") if document.get("in_place") else ("from v1", "in v2")


def _findings(findings: list[dict[str, Any]], called: tuple[str, str]) -> list[RenderableType]:
    if not findings:
        return [Text("\n  no record was found wanting", "green")]
    return [
        heading(f"Findings  {number(len(findings))}"),
        *([Text(f"  {told}", "dim")] if (told := kinds_of(findings)) else []),
        *(_finding(each, called) for each in findings),
    ]


def _finding(found: dict[str, Any], called: tuple[str, str]) -> Group:
    title = Text.assemble("  ", (f"{found['kind']:<10}", "yellow"), f" {inline(found['key'])}")
    if found["repaired"]:
        title.append("  repaired", "green")
    field, reason = found["field"], found["reason"]
    blame = f"{field}: " if field and field not in reason else ""
    text = Text(printable(blame + reason))
    width = max(map(len, called))
    for each in found["differences"]:
        text.append(f"\n{inline(each['field'])}", "bold")
        for name, side in zip(called, ("source", "target"), strict=True):
            text.append(f"\n  {name:<{width}} {printable(value_text(each[side]))}")
    return Group(title, Padding(text, (0, 0, 0, 4), expand=False))
