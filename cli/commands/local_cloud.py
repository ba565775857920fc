"""The verbs of the local cloud: up, deploy, seed, token, env, status, down.

The local cloud is imported where it is used: it brings cryptography and boto3 along, which
the other verbs must not wait for.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from cli.endings import CommandFailed, ExitCode
from cli.options import Json
from cli.session import Session, open_session
from cli.views.local_cloud import bad_lines_view, deployed_view, local_status_view, seeded_view
from local.places import DEFAULT_PORT, Places, endpoint
from local.roles import Role
from shared import catalogue
from shared.model.declaration import Migration, TableDeclaration
from shared.model.errors import InvalidInput

Engine = Literal["moto", "local"]
Table = Literal["source", "target", "reference"]


def up(
    ctx: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where it answers.")] = DEFAULT_PORT,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return when it answers; `local down` ends it.")
    ] = False,
    dynamodb: Annotated[Engine, typer.Option(help="What answers for DynamoDB.")] = "moto",
    as_json: Json = False,
) -> None:
    """Start the local cloud, in the foreground until Ctrl-C or detached."""
    from local import lifecycle

    session = open_session(ctx, as_json=as_json, local=True)
    if not detach:
        session.screen.note(f"the local cloud starts on {endpoint(port)}; Ctrl-C stops it")
    with _told():
        lifecycle.up(port, detach=detach, dynamodb=dynamodb)
    state = "up" if detach else "down"
    document = {"endpoint": endpoint(port), "state": state}
    session.answer(document, f"the local cloud on {endpoint(port)} is {state}")


def deploy(
    ctx: typer.Context,
    stacks: Annotated[
        list[str] | None, typer.Argument(help="Only these stacks; all of them if none is named.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Deploy the stacks to the local cloud, with the real `cdk deploy`."""
    from local import lifecycle

    session = open_session(ctx, as_json=as_json, local=True)
    session.screen.note(f"target: the local cloud on {endpoint(_port())}")
    with _told(), _lines(session.screen.err) as tell:
        lifecycle.deploy(stacks or (), progress=tell)
        found = lifecycle.status()
    session.answer(found.model_dump(), deployed_view(found))


def seed(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One JSON object on each line.")],
    migration: Annotated[str, typer.Option(help="Whose table.")],
    table: Annotated[Table, typer.Option(help="Which of its tables.")] = "source",
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Load the good lines even if others are bad.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Load records into a table, as a writer without the wrapper does.

    All lines are checked before the first is loaded; if one is bad nothing is, unless
    --skip-bad. A bad line is named with its reason, and the exit code is 1.
    """
    from local.seeding import load, read_seeds

    session = open_session(ctx, as_json=as_json, local=True)
    declaration = catalogue.load(migration)
    declared = _declared(declaration, table)
    seeds = read_seeds(file, declared)
    loads = skip_bad or not seeds.bad
    if loads:
        port = _port()
        session.screen.note(f"target: {declared.name} of the local cloud on {endpoint(port)}")
        with _bar(session.screen.err, len(seeds.items)) as tell:
            load(seeds.items, declared.name, port, tell)
    loaded = len(seeds.items) if loads else 0
    bad = [{"line": each.number, "reason": each.reason} for each in seeds.bad]
    document = {"migration": migration, "table": declared.name, "loaded": loaded, "bad": bad}
    session.answer(document, seeded_view(declared.name, loaded), bad_lines_view(seeds.bad))
    if seeds.bad:
        raise typer.Exit(ExitCode.PROBLEMS)


def _declared(migration: Migration, role: Table) -> TableDeclaration:
    tables = migration.declared_tables
    if role not in tables:
        raise InvalidInput(
            f"{migration.name} declares no {role} table",
            field="--table",
            mend="use one of " + ", ".join(tables),
        )
    return tables[role]


def token(
    ctx: typer.Context,
    role: Annotated[Role, typer.Option(help="What the token's bearer may do.")],
    subject: Annotated[
        str | None, typer.Option(help="Whom the token names; the role if nobody.")
    ] = None,
    ttl: Annotated[int, typer.Option(min=1, help="Seconds until it expires.")] = 3600,
    as_json: Json = False,
) -> None:
    """Print a token for the APIs of the local cloud."""
    from local import lifecycle

    session = open_session(ctx, as_json=as_json, local=True)
    with _told():
        issued = lifecycle.token(role, subject, ttl)
    _print(session, {"token": issued, "role": role, "expires_in": ttl}, issued)


def env(ctx: typer.Context, as_json: Json = False) -> None:
    """Print exports that point AWS clients at the local cloud."""
    from local import lifecycle

    session = open_session(ctx, as_json=as_json, local=True)
    variables = lifecycle.environment(_port())
    exports = "\n".join(f"export {name}={value}" for name, value in variables.items())
    _print(session, variables, exports)


def status(ctx: typer.Context, as_json: Json = False) -> None:
    """Show what is deployed and running in the local cloud."""
    from local import lifecycle

    session = open_session(ctx, as_json=as_json, local=True)
    with _told():
        found = lifecycle.status()
    session.answer(found.model_dump(), local_status_view(found))


def down(ctx: typer.Context, as_json: Json = False) -> None:
    """Stop the local cloud; what it held is gone."""
    from local import lifecycle

    session = open_session(ctx, as_json=as_json, local=True)
    with _told():
        stopped = lifecycle.down()
    told = "the local cloud is down" if stopped else "no local cloud was running"
    session.answer({"stopped": stopped}, Text(told))


def _port() -> int:
    running = Places().running()
    if running is None:
        raise InvalidInput("no local cloud is running", mend="start one: `cutover local up`")
    return running.port


def _print(session: Session, document: Any, text: str) -> None:
    """Print something that is made to be read by a shell."""
    if session.as_json:
        session.screen.document(document)
    else:
        session.screen.line(text)


@contextmanager
def _told() -> Iterator[None]:
    """Raise what the local cloud says as an error of the command."""
    from local.lifecycle import LocalCloudError, ToolkitFailed

    try:
        yield
    except (LocalCloudError, ToolkitFailed) as error:
        raise CommandFailed(str(error)) from error


@contextmanager
def _lines(console: Console) -> Iterator[Callable[[str], None]]:
    """Yield what to do with a line of a long command: the last one in a terminal, else each."""
    if not console.is_terminal:
        yield lambda line: console.print(line, soft_wrap=True)
        return
    with console.status("cdk deploy") as spinner:
        yield lambda line: spinner.update(Text(line, no_wrap=True, overflow="ellipsis"))


@contextmanager
def _bar(console: Console, total: int) -> Iterator[Callable[[int], None]]:
    """Yield what to do with how many records are done: a bar in a terminal, else nothing."""
    columns = (TextColumn("loading"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("loading", total=total)
        yield lambda done: bar.update(task, completed=done)
