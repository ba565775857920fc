"""Keys that an operator names: on the command line, or in a file with one on each line."""

import json
from collections.abc import Sequence
from pathlib import Path

from shared.engine.admission import known_keys
from shared.engine.world import World
from shared.model.errors import InvalidInput
from shared.model.inputs import lists_prefix
from shared.model.key import Key
from shared.model.runs import FindingKind, Run
from shared.model.writes import Side

LONGEST_INLINE = 200
"""Keys in one execution's input; a longer list goes to the archive and is named by its URI."""


def named_key(world: World, text: str) -> Key:
    """Return the one key that an argument names; raise InvalidInput."""
    try:
        return world.migration.key_named(text)
    except InvalidInput as error:
        raise InvalidInput(error.message, field="KEY", mend=error.mend) from error


def read_keys(file: Path, option: str) -> list[str]:
    """Return the keys in the file of an option: a JSON list, or one key on each line."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}", field=option) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not text in UTF-8", field=option) from error
    if not text.lstrip().startswith("["):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        keys = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{file} is not JSON: {error}", field=option) from error
    if not all(isinstance(each, str) for each in keys):
        raise InvalidInput(f"{file} must be a list of texts", field=option)
    return list(keys)


def failed_keys(world: World, run: Run) -> list[str]:
    """Return the keys of the records that a run found wrong, did not mend, and that are there."""
    found = world.ledger.findings(run.run_id)
    wrong = [each for each in found if each.kind is not FindingKind.UNUSED and not each.repaired]
    names = list(dict.fromkeys(each.key for each in wrong))
    places = [world.migration.source.keys.parse(name) for name in names]
    stored = world.tables.get_many(Side.SOURCE, places)
    keys = [name for name, item in zip(names, stored, strict=True) if item is not None]
    if not keys:
        raise InvalidInput(
            f"{run.kind} {run.run_id} found nothing wrong that is still there",
            field="--failed",
            mend=f"`cutover report {run.migration} {run.run_id}` shows what it found",
        )
    return keys


def accepted_keys(world: World, keys: Sequence[str], field: str) -> list[str] | str | None:
    """Return keys as an input takes them; raise InvalidInput for one that is not there."""
    if not keys:
        return None
    known = known_keys(world, list(dict.fromkeys(keys)), field)
    if len(known) <= LONGEST_INLINE:
        return known
    name = f"{lists_prefix(world.migration.name)}{world.ids.new()}.json"
    return world.archive.store(name, known)
