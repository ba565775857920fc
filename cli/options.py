"""Arguments and options that several verbs share."""

from collections.abc import Callable
from typing import Annotated

import typer

from shared import catalogue
from shared.model.phases import Phase

NO_REASON = "no reason given"
MOST_UNITS = 10_000_000
"""No table takes more units or writes a second; a number above it is a slip of the finger."""


def phase_parser(field: str) -> Callable[[str], Phase]:
    """Return what reads a phase's name in any case; an unknown one is refused with all names."""

    def phase(text: str) -> Phase:
        return Phase.named(text.upper(), field)

    return phase


def said_or_not(text: str) -> str:
    """Return a reason; one of blanks alone says nothing, and keeps nobody from acting."""
    return text.strip() or NO_REASON


def migrations_named(incomplete: str) -> list[str]:
    """Return the migrations whose names begin so, for a shell that completes."""
    return [name for name in catalogue.names() if name.startswith(incomplete)]


def phases_named(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the migration's phases whose names begin so, in the case that was typed."""
    given = [ctx.params.get("name"), *ctx.args]  # an option without its value ends the parsing
    name = next((each for each in given if each in catalogue.names()), None)
    way = tuple(Phase) if name is None else catalogue.load(name).way
    names = [phase.lower() if incomplete.islower() else phase.value for phase in way]
    return [name for name in names if name.startswith(incomplete)]


Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="The migration's name, as `cutover list` shows it.",
        autocompletion=migrations_named,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
Local = Annotated[
    bool, typer.Option("--local", help="Talk to the local cloud, whatever the environment says.")
]
Watch = Annotated[
    bool, typer.Option("--watch", help="Follow it to its end, and exit by how it ended.")
]
Reason = Annotated[
    str,
    typer.Option(
        metavar="TEXT",
        show_default=False,
        help="Why: it is kept in the audit log.",
        callback=said_or_not,
    ),
]
RunId = Annotated[
    str | None,
    typer.Argument(metavar="RUN_ID", help="A run's id, or its first characters."),
]
PhaseOption = Annotated[
    Phase | None,
    typer.Option(
        "--to",
        metavar="PHASE",
        parser=phase_parser("--to"),
        help="Such as READ_N.",
        autocompletion=phases_named,
    ),
]
