"""Which runs may start: the input as accepted, and what the phase allows."""

from collections.abc import Sequence
from typing import Any

from shared.engine.key_sets import store
from shared.engine.lease import check_pins
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.errors import GuardRefused, InvalidInput
from shared.model.in_place import InPlace
from shared.model.inputs import (
    BackfillInput,
    RestoreInput,
    ValidateInput,
    lists_prefix,
    read_input,
)
from shared.model.key import Key
from shared.model.phases import CERTIFIED, DETOURS, Phase, PhaseClass
from shared.model.runs import Run, RunKind
from shared.model.writes import Side

SHOWN = 5
"""Keys of a list that a refusal points at."""


def accept(world: World, kind: RunKind, given: Any) -> tuple[RunKind, dict[str, Any], Run | None]:
    """Return the kind that is really asked for, its parameters and the run to resume."""
    name = world.migration.name
    if kind is RunKind.VALIDATE:
        return (
            kind,
            {**read_input(ValidateInput, given, name).model_dump(), "batch_size": 100},
            None,
        )
    if kind is RunKind.RESTORE:
        return kind, read_input(RestoreInput, given, name).model_dump(), None
    parsed = read_input(BackfillInput, given, name)
    params = parsed.model_dump()
    params["keys"] = kept_keys(world, parsed.keys, "keys")
    params["exclude"] = kept_keys(world, parsed.exclude, "exclude")
    kind = RunKind.DRY_RUN if parsed.dry_run else kind
    if not parsed.resume_run_id:
        return kind, params, None
    resumed = _resumable(world, kind, parsed.resume_run_id)
    for name in parsed.model_fields_set - {"migration", "dry_run", "resume_run_id"}:
        _refuse_other_input(resumed, name, params[name])
    return kind, params, resumed


def _resumable(world: World, kind: RunKind, run_id: str) -> Run:
    run = world.ledger.load(run_id)
    if run is None or run.migration != world.migration.name or run.kind is not kind:
        raise InvalidInput(
            f"there is no {kind} {run_id} to resume",
            field="resume_run_id",
            mend=f"`cutover status {world.migration.name}` lists the runs",
        )
    return run


def _refuse_other_input(run: Run, name: str, given: Any) -> None:
    """Raise InvalidInput for a field that a resumed run would ignore: it keeps its own input."""
    if given is not None and given != run.params.get(name):
        raise InvalidInput(
            f"{name}: {run.kind} {run.run_id} goes on with the input that it was started with",
            field=name,
            mend=f"leave {name} out, or start a new {run.kind} without resume_run_id",
        )


def kept_keys(world: World, given: Sequence[str] | str | None, field: str) -> dict[str, Any] | None:
    """Return what stands in a run for keys that were given (None: none were), each in v1."""
    return None if given is None else store(world, known_keys(world, given, field))


def known_keys(world: World, given: Sequence[str] | str, field: str) -> list[str]:
    """Return keys in their canonical text; raise InvalidInput for one that v1 does not hold."""
    listed = _listed(world, given, field) if isinstance(given, str) else list(given)
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise InvalidInput(f"{field} must be a list of keys", field=field)
    keys = [_named(world, text, field, place) for place, text in enumerate(listed, start=1)]
    found = world.tables.get_many(Side.SOURCE, keys)
    missing = [place for place, item in enumerate(found, start=1) if item is None]
    if missing:
        raise InvalidInput(
            f"{field}: there is no record for {len(missing)} of {len(keys)} keys: number "
            + ", ".join(str(place) for place in missing[:SHOWN]),
            field=field,
            key=", ".join(listed[place - 1] for place in missing[:SHOWN]),
            mend="correct the key, or leave it out",
        )
    return [world.migration.source.keys.text(key) for key in keys]


def _listed(world: World, uri: str, field: str) -> Any:
    """Return what is at a URI that an input names; raise InvalidInput when it is not for lists."""
    prefix = lists_prefix(world.migration.name)
    if not world.archive.holds(uri, prefix):
        raise InvalidInput(
            f"{field}: {uri!r} is no list of {world.migration.name}'s in the archive bucket",
            field=field,
            mend=f"put the list under {prefix} in the archive bucket, and give its s3:// URI",
        )
    try:
        return world.archive.load(uri)
    except InvalidInput as error:
        raise InvalidInput(f"{field}: {error.message}", field=field, mend=error.mend) from error


def _named(world: World, text: str, field: str, place: int) -> Key:
    """Return the key that a list names at a place; only that goes into the message.

    What a function raises is in its log, where no record may be named.
    """
    try:
        return world.migration.key_named(text)
    except InvalidInput as error:
        raise InvalidInput(
            f"{field}: number {place} is no key of {world.migration.source.name}",
            field=field,
            key=text,
            mend="write the key as reports show it, or leave it out",
        ) from error


def refuse_unfit(world: World, state: ControlState, kind: RunKind) -> None:
    """Raise GuardRefused when the phase does not allow this kind of run now."""
    check_pins(state, world.tables)
    if kind is RunKind.DRY_RUN:
        if not state.phase.source_exists:
            raise GuardRefused("v1 is deleted: there is nothing to read", missing=("source",))
        return
    if kind is not RunKind.RESTORE:
        refuse_changed_transform(world, state)
    if isinstance(world.migration, InPlace):
        _refuse_unfit_in_place(state, kind)
        return
    copied_into = (PhaseClass.DUAL_AF, PhaseClass.DUAL)
    if kind is RunKind.BACKFILL and state.phase.group not in copied_into:
        raise GuardRefused(
            f"a backfill runs only while writers write to both tables and v1 decides,"
            f" not in {state.phase}",
            missing=("phase",),
            mend="advance to DUAL_WRITE first",
        )
    if kind is RunKind.VALIDATE and state.phase.group not in CERTIFIED:
        raise GuardRefused(
            f"in {state.phase} the tables are not kept alike: there is nothing to compare",
            missing=("phase",),
            mend="validate between DUAL_WRITE and READ_V2",
        )


def _refuse_unfit_in_place(state: ControlState, kind: RunKind) -> None:
    """Raise GuardRefused when a phase in place does not allow a kind of run."""
    allowed, why, mend = _IN_PLACE[kind]
    if state.phase not in allowed:
        raise GuardRefused(f"{why}, not in {state.phase}", missing=("phase",), mend=mend)


_IN_PLACE = {
    RunKind.BACKFILL: (
        (Phase.WRITE_NEW, Phase.VALIDATE),
        "records are upgraded only while writes leave the new shape",
        f"advance to {Phase.WRITE_NEW} first",
    ),
    RunKind.VALIDATE: (
        (Phase.WRITE_NEW, Phase.VALIDATE, Phase.DONE),
        "there is something to look at only once records are upgraded",
        f"validate from {Phase.WRITE_NEW} on",
    ),
    RunKind.RESTORE: (
        (Phase.READ_BOTH, Phase.WRITE_NEW, Phase.VALIDATE),
        "records are restored only while readers accept both shapes",
        f"roll back from {Phase.DONE} first",
    ),
}


def refuse_undeclared(world: World, phase: Phase, field: str) -> None:
    """Raise InvalidInput for a phase that is not on the migration's way."""
    way = world.migration.way
    if phase in way:
        return
    if phase in DETOURS and Phase.DUAL_WRITE in way:
        raise InvalidInput(
            f"{world.migration.name} has no phase {phase}: it is of the availability-first mode",
            field=field,
            mend='declare mode="availability_first" in its migration.py, and deploy',
        )
    raise InvalidInput(
        f"{world.migration.name} has no phase {phase}",
        field=field,
        mend="its phases are " + ", ".join(way),
    )


def transform_changed(world: World, state: ControlState) -> bool:
    """Tell whether the transform is another one than the migration began with."""
    return bool(state.digest) and state.digest != world.digest


def refuse_changed_transform(world: World, state: ControlState) -> None:
    """Raise GuardRefused when the transform is another one than the migration began with."""
    if transform_changed(world, state):
        raise GuardRefused(
            "the transform or the models changed since the migration began",
            missing=("digest",),
            mend=f"`cutover advance {world.migration.name} --reopen` voids the certificate and"
            " goes on with the new one",
        )
