"""The verbs that look closely: diff at one record, doctor at a whole migration."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.endings import ExitCode
from cli.key_lists import named_key
from cli.options import NO_REASON, Json, Local, Name, Reason
from cli.session import open_session
from cli.views.diagnosis import Treated, diagnosis_view
from cli.views.diff import diff_view, shapes_view
from shared.engine.diagnosis import diagnose
from shared.engine.disease import Diagnosis
from shared.engine.images import Unmovable
from shared.engine.in_place.side_by_side import InBothShapes, look_in_place
from shared.engine.mending import mend
from shared.engine.side_by_side import Row, SideBySide, look_at, value_of
from shared.engine.world import in_place, paired
from shared.model.errors import CutoverError
from shared.model.in_place import InPlace
from shared.model.item import Item, json_ready
from shared.model.stamp import Stamp
from shared.model.writes import Side


def diff(
    ctx: typer.Context,
    name: Name,
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="The record's key, as reports show it.")
    ],
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Show one record in v1, in v2 and transformed, side by side.

    In place: as it is stored, in the new shape, and as it was before its upgrade. What differs
    is marked and explained. It prints the record itself, and keeps no copy.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world = session.world(name)
    place = named_key(world, key)
    if isinstance(world.migration, InPlace):
        shapes = look_in_place(in_place(world), place)
        phase = world.control.read(name).phase
        document, view, well = _shapes_document(shapes), shapes_view(phase, shapes), shapes.well
    else:
        pair = look_at(paired(world), place)
        phase = world.control.read(name).phase
        document, view, well = _diff_document(pair), diff_view(phase, pair), pair.well
    session.answer({"migration": name, "phase": phase.value, **document}, view)
    if not well:
        raise typer.Exit(ExitCode.PROBLEMS)


def doctor(
    ctx: typer.Context,
    name: Name,
    mends: Annotated[bool, typer.Option("--mend", help="Mend what doctor can mend.")] = False,
    reason: Reason = NO_REASON,
    as_json: Json = False,
    local: Local = False,
) -> None:
    """Find what is wrong with a migration, and mend it with --mend.

    Half-done moves, lost workers, stale locks, stuck approvals, a certificate that is void
    while readers need it, and more; each with its evidence.
    """
    session = open_session(ctx, as_json=as_json, local=local)
    world, code = session.deployed_world(name)
    if code.difference is not None:
        session.screen.note(f"{code.difference}: {code.mend}")
    found: list[Treated] = []
    failed: CutoverError | None = None
    for each in diagnose(world):
        done = None
        if mends and each.mendable and failed is None:
            try:
                done = mend(world, each, actor=session.actor, reason=reason)
            except CutoverError as error:  # what was mended before it is told first
                failed = error
        found.append((each, done))
    document = {
        "migration": name,
        "healthy": not found,
        "diagnoses": [_diagnosis_document(each, done) for each, done in found],
    }
    session.answer(document, diagnosis_view(name, found, mended=mends))
    if failed is not None:
        raise failed
    if any(done is None for _, done in found):
        raise typer.Exit(ExitCode.PROBLEMS)


def _diff_document(found: SideBySide) -> dict[str, Any]:
    return {
        "key": found.key,
        "target_key": found.target_key,
        "primary": "v1" if found.primary is Side.SOURCE else "v2",
        **_verdict_document(found),
        "stamps": {
            "v1": _stamp_document(found.stamps[Side.SOURCE]),
            "v2": _stamp_document(found.stamps[Side.TARGET]),
        },
        "fields": _fields(
            found.rows, {"v1": found.source, "transformed": found.image, "v2": found.target}
        ),
    }


def _shapes_document(found: InBothShapes) -> dict[str, Any]:
    return {
        "key": found.key,
        "shape": "new" if found.upgraded else "old",
        **_verdict_document(found),
        "way_back": found.way_back,
        "stamp": _stamp_document(found.stamp),
        "fields": _fields(
            found.rows, {"before": found.before, "stored": found.stored, "new": found.image}
        ),
    }


def _verdict_document(found: SideBySide | InBothShapes) -> dict[str, Any]:
    return {
        "verdict": found.verdict.value,
        "different": not found.well,
        "explanation": found.explanation,
        "unmovable": asdict(found.image) if isinstance(found.image, Unmovable) else None,
    }


def _fields(
    rows: Sequence[Row], forms: Mapping[str, Item | Unmovable | None]
) -> list[dict[str, Any]]:
    return [
        {
            "field": row.field,
            "mark": row.mark.value or None,
            **{name: _value(form, row.field) for name, form in forms.items()},
        }
        for row in rows
    ]


def _stamp_document(stamp: Stamp | None) -> dict[str, Any] | None:
    return asdict(stamp) if stamp else None


def _value(form: Item | Unmovable | None, name: str) -> Any:
    """Return a value in DynamoDB JSON; None where it is absent."""
    there, value = value_of(form, name)
    return json_ready({name: value})[name] if there else None


def _diagnosis_document(found: Diagnosis, done: str | None) -> dict[str, Any]:
    return {**asdict(found), "disease": found.disease.value, "mended": done}
