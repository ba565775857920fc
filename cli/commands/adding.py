"""The verb `new`: the folder of another migration, which works and is there to be edited."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

import migrations
from cli.new_folder import Kind, make_folder
from cli.options import Json
from cli.session import open_session
from cli.views.layout import whole


def new(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Small letters and digits, such as notes.")
    ],
    kind: Annotated[
        Kind, typer.Option(help="Into another table, or into another shape where records lie.")
    ] = "table-to-table",
    as_json: Json = False,
) -> None:
    """Make the folder of a new migration.

    It deploys, passes its tests and migrates its own example as it is. Nothing else in the
    repository needs an edit.
    """
    session = open_session(ctx, as_json=as_json, local=True)
    folder = Path(migrations.__path__[0])
    made = make_folder(name, kind, folder)
    place = f"{folder.name}/{name}"
    then = next_commands(name, place)
    document = {"migration": name, "kind": kind, "folder": place, "files": made, "next": then}
    told = Text(f"{place} is made: {', '.join(made)}\n")
    told.append("edit it as docs/add-a-migration.md says; as it is, it works:", "dim")
    lines = [whole(str(at), line) for at, line in enumerate(then, 1)]
    session.answer(document, Group(told, *lines))


def next_commands(name: str, place: str) -> list[str]:
    """Return how the folder is tried: its tests, a deployment, and its own example."""
    return [
        f"pytest tests/unit/migrations -k {name}",
        "cutover local up --detach && cutover local deploy",
        f"cutover local seed {place}/sample.jsonl --migration {name}"
        f" && cutover start {name} --approve auto --local --watch",
    ]
