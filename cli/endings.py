"""How a command ends: its exit code, and an error as one block that says what to do.

Errors are those of shared/model/errors.py, and one more of the CLI's own:

CutoverError
└── CommandFailed           what the command called (the local cloud, the CDK) did not succeed
"""

import json
import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from rich.console import Group
from rich.text import Text
from typer.core import TyperGroup

from cli.screen import Screen, printable
from cli.views.layout import facts
from shared.aws.state_machines import Outcome
from shared.model.errors import (
    AlreadyRunning,
    Contended,
    CutoverError,
    GuardRefused,
    InvalidInput,
    OutcomeUnknown,
    StoreError,
    Superseded,
    TableGone,
    Throttled,
)
from shared.model.runs import RunStatus


class ExitCode(IntEnum):
    """What a script may rely on."""

    OK = 0
    PROBLEMS = 1
    USAGE = 2
    REFUSED = 3


class CommandFailed(CutoverError):
    """What the command called did not succeed."""

    code = "failed"


_MENDS: dict[type[StoreError], str] = {
    TableGone: "is everything deployed? `cutover local deploy`, or `cdk deploy` on AWS",
    Throttled: "nothing was changed; try again",
    Contended: "nothing was changed; try again",
    OutcomeUnknown: "look at `cutover status` before you try again: it may have taken effect",
}
"""What to do about an answer of a store that does not say so itself."""

_REFUSALS = frozenset(each.__name__ for each in (GuardRefused, AlreadyRunning, Superseded))


class OperatorGroup(TyperGroup):
    """The verbs; every error of any of them ends here, as a block and an exit code."""

    def main(self, args: Sequence[str] | None = None, **extra: Any) -> Any:  # type: ignore[override]  # Typer's own keywords pass through
        """Run one command and exit with its code."""
        given = sys.argv[1:] if args is None else list(args)
        try:
            return super().main(args=args, **extra)
        except CutoverError as error:
            show_error(error, as_json="--json" in given)
            if "--debug" in given:
                traceback.print_exc()
            sys.exit(exit_code(error))
        except Exception as error:
            if "--debug" in given:
                raise
            told = CommandFailed(
                f"{type(error).__name__}: {error}",
                mend="this is a fault of the command; `cutover --debug …` shows where",
            )
            show_error(told, as_json="--json" in given)
            sys.exit(ExitCode.PROBLEMS)


def exit_code(error: CutoverError) -> ExitCode:
    """Return the exit code of an error."""
    if isinstance(error, InvalidInput):
        return ExitCode.USAGE
    if isinstance(error, GuardRefused | AlreadyRunning):
        return ExitCode.REFUSED
    return ExitCode.PROBLEMS


def outcome_code(outcome: Outcome) -> ExitCode:
    """Return the exit code of a workflow that has ended."""
    if outcome.status == "SUCCEEDED":
        status = (outcome.output or {}).get("status")
        if status == RunStatus.SUPERSEDED:
            return ExitCode.REFUSED
        return ExitCode.OK if status == RunStatus.SUCCEEDED else ExitCode.PROBLEMS
    if outcome.error == InvalidInput.__name__:
        return ExitCode.USAGE
    return ExitCode.REFUSED if outcome.error in _REFUSALS else ExitCode.PROBLEMS


def failure_of(outcome: Outcome) -> CutoverError:
    """Return the error that a failed workflow ended with, as if it had been raised here."""
    told = _cause(outcome)
    kinds = (InvalidInput, AlreadyRunning, GuardRefused)
    kind = next((each for each in kinds if each.__name__ == outcome.error), CommandFailed)
    error = kind(
        str(told.get("message") or f"the execution ended as {outcome.status}"),
        field=told.get("field"),
        run_id=told.get("run_id"),
        mend=told.get("mend"),
    )
    error.report = told.get("report")
    return error


def _cause(outcome: Outcome) -> dict[str, Any]:
    try:
        told = json.loads(outcome.cause)
    except ValueError:  # not from our functions: the service's own words
        told = None
    if isinstance(told, dict):
        return told
    words = ": ".join(each for each in (outcome.error, outcome.cause) if each)
    return {"message": words or None}


def show_error(error: CutoverError, *, as_json: bool) -> None:
    """Print an error for people on stderr, and for programs on stdout."""
    screen = Screen()
    screen.err.print(error_block(error))
    if as_json:
        screen.document({"error": error_document(error)})


def error_document(error: CutoverError) -> dict[str, Any]:
    """Return an error for programs."""
    return {
        "code": error.code,
        "message": error.message,
        "field": error.field,
        "key": error.key,
        "run_id": error.run_id,
        "missing": list(error.missing) if isinstance(error, GuardRefused) else [],
        "mend": _mend(error),
        "report": error.report,
    }


def error_block(error: CutoverError) -> Group:
    """Return an error for people: what is wrong, where, and what to do."""
    refused = exit_code(error) is ExitCode.REFUSED
    word, style = ("refused", "bold yellow") if refused else ("error", "bold red")
    title = Text.assemble((f"{word}: ", style), (printable(error.message), "bold"))
    told = {
        "field": error.field,
        "key": error.key,
        "missing": ", ".join(error.missing) if isinstance(error, GuardRefused) else "",
        "run": error.run_id,
        "report": error.report,
        "mend": _mend(error),
    }
    given = {label: value for label, value in told.items() if value}
    return Group(title, facts(given)) if given else Group(title)


def _mend(error: CutoverError) -> str | None:
    kind = next((each for each in _MENDS if isinstance(error, each)), None)
    return error.mend or (_MENDS[kind] if kind else None)
