"""The command `cutover`: its verbs, and an example for each."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from cli.commands import (
    adding,
    examining,
    local_cloud,
    looking,
    moving,
    pausing,
    planning,
    ramping,
    reporting,
    reviewing,
    starting,
)
from cli.endings import OperatorGroup

Verb = tuple[str, Callable[..., Any], str]

VERBS: tuple[Verb, ...] = (
    ("new", adding.new, "cutover new NAME --kind in-place"),
    ("list", looking.show_list, "cutover list"),
    ("plan", planning.plan, "cutover plan NAME --max-wcu 2000"),
    ("start", starting.start, "cutover start NAME --until READ_V2 --watch"),
    ("status", looking.show_status, "cutover status NAME --watch"),
    ("pause", pausing.pause, 'cutover pause NAME --reason "a sale is on"'),
    ("resume", pausing.resume, "cutover resume NAME 1a2b3c4d"),
    (
        "throttle",
        pausing.throttle,
        'cutover throttle NAME --max-wcu 200 --reason "it is noon"',
    ),
    ("validate", starting.validate, "cutover validate NAME --repair --watch"),
    ("reads", ramping.reads, "cutover reads NAME 10"),
    ("writes", ramping.writes, "cutover writes NAME 10"),
    ("advance", moving.advance, "cutover advance NAME --to VALIDATE"),
    ("rollback", starting.rollback, 'cutover rollback NAME --to OFF --reason "errors"'),
    ("approve", moving.approve, 'cutover approve NAME READ_N --reason "load test passed"'),
    ("archive", starting.archive, "cutover archive NAME --watch"),
    ("report", reporting.report, "cutover report NAME 1a2b3c4d --format csv"),
    (
        "review",
        reviewing.review,
        'cutover review NAME KEY --choose a1 --shown 1a2b3c4d --reason "asked"',
    ),
    ("diff", examining.diff, "cutover diff NAME 'PARTITION|SORT'"),
    ("doctor", examining.doctor, 'cutover doctor NAME --mend --reason "paged at 3"'),
    ("log", looking.show_log, "cutover log NAME --limit 50"),
)

LOCAL_VERBS: tuple[Verb, ...] = (
    ("up", local_cloud.up, "cutover local up --detach"),
    ("deploy", local_cloud.deploy, "cutover local deploy"),
    ("seed", local_cloud.seed, "cutover local seed records.jsonl --migration NAME"),
    ("token", local_cloud.token, "cutover local token --role user"),
    ("env", local_cloud.env, 'eval "$(cutover local env)"'),
    ("status", local_cloud.status, "cutover local status"),
    ("down", local_cloud.down, "cutover local down"),
)


def application() -> typer.Typer:
    """Return the command with all its verbs."""
    app = typer.Typer(cls=OperatorGroup, add_completion=True, **_MANNERS)
    app.callback()(_operator)
    _add(app, VERBS)
    about = "Run the whole deployment on this machine."
    local = typer.Typer(help=about, add_completion=False, **_MANNERS)
    _add(local, LOCAL_VERBS)
    app.add_typer(local, name="local")
    return app


def main() -> None:
    """Run the command that was typed."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a terminal without Unicode still shows the rest
    application()()


_MANNERS: dict[str, Any] = {
    "no_args_is_help": True,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": None,  # plain help: it fits 80 columns and reads the same in a pipe
    "context_settings": {"help_option_names": ["-h", "--help"]},
}


def _operator(
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    """Move a live DynamoDB table to a new schema, and prove that nothing was lost.

    It talks to AWS with the usual credentials, or to the local cloud with --local.

    Exit codes: 0 all is well, 1 problems were found, 2 wrong usage, 3 refused by a guard.
    """


def _add(app: typer.Typer, verbs: tuple[Verb, ...]) -> None:
    for name, function, example in verbs:
        app.command(name, epilog=f"Example: {example}")(function)
