"""The views of the local cloud: what is deployed and running, what was loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from cli.views.layout import amount, facts, heading, listing, number, whole

if TYPE_CHECKING:  # importing the local cloud takes long, and only its own verbs need it
    from local.lifecycle import LocalStatus
    from local.seeding import BadLine


def local_status_view(found: LocalStatus) -> Group:
    """Return what runs in the local cloud."""
    if not found.running:
        return Group(Text("no local cloud is running; `cutover local up` starts one"))
    parts: list[RenderableType] = [
        Text.assemble(("local cloud", "bold"), f"  {found.endpoint}"),
        facts({"process": str(found.pid), "DynamoDB": str(found.dynamodb)}),
    ]
    if not found.functions:
        return Group(*parts, Text("\n  nothing is deployed; `cutover local deploy` does it"))
    parts += _apis(found)
    parts.append(heading("State machines"))
    parts += [whole(f"{each.running} running", each.arn) for each in found.state_machines]
    rows = [
        (
            each.name,
            " ".join(map(str, each.worker_pids)) or "-",
            number(each.invocations),
            Text(number(each.errors), "bold red" if each.errors else ""),
        )
        for each in found.functions
    ]
    columns = ("FUNCTION", "WORKERS", ">CALLS", ">ERRORS")
    return Group(*parts, heading("Functions"), listing(columns, rows))


def deployed_view(found: LocalStatus) -> Group:
    """Return what a deployment has brought: where the APIs answer, and how much else there is."""
    machines, functions = len(found.state_machines), len(found.functions)
    told = f"{amount(machines, 'state machine')} and {amount(functions, 'function')} deployed"
    return Group(*_apis(found), Text(f"\n{told}; `cutover local status` lists them"))


def _apis(found: LocalStatus) -> list[RenderableType]:
    width = max((len(api.name) for api in found.apis), default=0)
    return [heading("APIs"), *(whole(api.name.ljust(width), api.endpoint) for api in found.apis)]


def seeded_view(table: str, loaded: int) -> Text:
    """Return how many records were loaded."""
    return Text(f"{amount(loaded, 'record')} loaded into {table}")


def bad_lines_view(bad: Sequence[BadLine]) -> Group:
    """Return the lines that hold no record, and why."""
    if not bad:
        return Group()
    rows = [(str(each.number), each.reason) for each in bad]
    return Group(heading(amount(len(bad), "bad line")), listing((">LINE", "REASON"), rows))
