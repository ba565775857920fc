"""The verb `review`: records that no program should decide, and a person's word on each."""

import sys
from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.endings import ExitCode
from cli.json_values import read_attributes
from cli.key_lists import named_key
from cli.options import NO_REASON, Json, Local, Name, Reason
from cli.session import Session, open_session
from cli.views.review import queue_view, record_view, resolved_view
from shared.engine.images import Unmovable
from shared.engine.resolution import Answer, Resolved, resolve
from shared.engine.review import Option, Queue, Shown, queue, show
from shared.engine.world import World
from shared.model.errors import InvalidInput, NotFound, Outdated
from shared.model.item import json_ready
from shared.model.key import Key

OPTIONS = {"value": "--set", "candidate": "--choose"}
"""What the engine calls an answer's parts, and what the command does."""


def review(
    ctx: typer.Context,
    name: Name,
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="A record's key, as the list shows it.")
    ] = None,
    choose: Annotated[
        str | None, typer.Option(metavar="CANDIDATE", help="Decide for this candidate.")
    ] = None,
    value: Annotated[
        str | None,
        typer.Option("--set", metavar="JSON", help="Decide by these attributes of the old shape."),
    ] = None,
    shown: Annotated[
        str | None,
        typer.Option(metavar="FINGERPRINT", help="Of what you decide on; asked for in scripts."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many records to list.")] = 50,
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """List the records in doubt, look at one, decide about it.

    A decision is written only if the record still is as it was shown; it then migrates by
    itself. Who decided, and why, is in the log. Exit code 1 while records wait.
    """
    answer = _answer(choose, value)
    if (key is None or answer is None) and shown is not None:
        raise InvalidInput("--shown belongs to a decision", field="--shown", mend="leave it out")
    if key is None and answer is not None:
        raise InvalidInput("name the record to decide about", field="KEY", mend="its key")
    session = open_session(ctx, as_json=as_json, local=local)
    if key is None:
        _list(session, session.world(name), limit)
    elif answer is None:
        world = session.world(name)
        _look(session, world, named_key(world, key), reason)
    else:
        world = _deciding(session, name)
        _decide(session, world, named_key(world, key), answer, shown, reason)


def interactive() -> bool:
    """Tell whether somebody sits there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _answer(choose: str | None, value: str | None) -> Answer | None:
    if choose is not None and value is not None:
        raise InvalidInput(
            "a decision is a choice or a value", field="--set", mend="give one of both"
        )
    if value is not None:
        return Answer(value=read_attributes(value, "--set"))
    return None if choose is None else Answer(candidate=choose)


def _deciding(session: Session, name: str) -> World:
    """Return the world for a decision, which is judged by the code that is deployed."""
    world, code = session.deployed_world(name)
    code.refuse_difference()
    return world


def _list(session: Session, world: World, limit: int) -> None:
    name = world.migration.name
    found = queue(world)
    if found.since is None and not found.records:
        raise NotFound(
            f"no run has gone through all records of {name} yet: nobody knows which are in doubt",
            mend=f"cutover start {name} dry-run --watch",
        )
    session.answer(_queue_document(name, found, limit), queue_view(name, found, limit))
    if any(not each.excluded for each in found.records):
        raise typer.Exit(ExitCode.PROBLEMS)


def _look(session: Session, world: World, key: Key, reason: str) -> None:
    """Show one record; in a terminal ask for a choice as well."""
    found = _show(session, world, key)
    if found.options and interactive() and not session.as_json:
        chosen = typer.prompt("choose a candidate (Enter: none)", "", err=True, show_default=False)
        if chosen:
            world = _deciding(session, world.migration.name)
            _write(session, world, key, Answer(candidate=chosen), found.fingerprint, reason)
            return
    if found.in_doubt and not found.excluded:
        raise typer.Exit(ExitCode.PROBLEMS)


def _decide(
    session: Session, world: World, key: Key, answer: Answer, shown: str | None, reason: str
) -> None:
    """Write a decision on what was shown; in a terminal it is shown now, and asked for."""
    if shown is None:
        if not interactive() or session.as_json:
            raise InvalidInput(
                "say what you decide on: the fingerprint of the record as you saw it",
                field="--shown",
                mend=f"`cutover review {world.migration.name} KEY` shows it",
            )
        shown = _show(session, world, key).fingerprint
        if not typer.confirm(f"{_words(answer)}: is that your decision?", err=True):
            session.screen.note("nothing was decided")
            raise typer.Exit(ExitCode.PROBLEMS)
    _write(session, world, key, answer, shown, reason)


def _write(
    session: Session, world: World, key: Key, answer: Answer, seen: str, reason: str
) -> None:
    if reason == NO_REASON and interactive() and not session.as_json:
        reason = typer.prompt("why", err=True)
    if reason == NO_REASON:
        raise InvalidInput("say why: it is kept in the log", field="--reason", mend='--reason "…"')
    try:
        done = resolve(world, key, answer, seen=seen, actor=session.actor, reason=reason)
    except InvalidInput as error:
        field = OPTIONS.get(error.field or "", error.field)
        raise InvalidInput(error.message, field=field, mend=error.mend) from error
    except Outdated:
        if not session.as_json:
            _show(session, world, key)
        raise
    name = world.migration.name
    session.answer(_resolved_document(name, done), resolved_view(name, done))


def _show(session: Session, world: World, key: Key) -> Shown:
    name, found = world.migration.name, show(world, key)
    phase = world.control.read(name).phase
    document = {"migration": name, "phase": phase.value, **_shown_document(found)}
    session.answer(document, record_view(name, phase, found, world.migration.stamps))
    return found


def _words(answer: Answer) -> str:
    return f"--choose {answer.candidate}" if answer.value is None else "--set as given"


def _queue_document(name: str, found: Queue, limit: int) -> dict[str, Any]:
    reasons = Counter((each.field, each.reason) for each in found.records).most_common()
    return {
        "migration": name,
        "in_doubt": sum(not each.excluded for each in found.records),
        "excluded": sum(each.excluded for each in found.records),
        "whole_run": None if found.since is None else found.since.run_id,
        "reasons": [
            {"field": field, "reason": reason, "records": count}
            for (field, reason), count in reasons
        ],
        "records": [asdict(each) for each in found.records[:limit]],
    }


def _shown_document(found: Shown) -> dict[str, Any]:
    return {
        "key": found.key,
        "in_doubt": found.in_doubt,
        "decision": found.verdict.decision.value,
        "reason": found.verdict.reason or None,
        "field": found.verdict.field,
        "excluded": found.excluded,
        "fingerprint": found.fingerprint,
        "stored": json_ready(found.stored),
        "candidates": [_option_document(each) for each in found.options],
    }


def _option_document(option: Option) -> dict[str, Any]:
    unfit = option.becomes if isinstance(option.becomes, Unmovable) else None
    return {
        "name": option.candidate.name,
        "why": option.candidate.why,
        "assign": json_ready(option.candidate.assign),
        "becomes": None if isinstance(option.becomes, Unmovable) else json_ready(option.becomes),
        "unmovable": asdict(unfit) if unfit else None,
    }


def _resolved_document(name: str, done: Resolved) -> dict[str, Any]:
    return {"migration": name, **asdict(done)}
