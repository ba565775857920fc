"""Attributes that an operator writes as JSON: numbers exactly as they are written."""

import json
from decimal import Decimal
from typing import Any

from shared.model.errors import InvalidInput
from shared.model.item import Item


def read_attributes(text: str, field: str) -> Item:
    """Return the attributes in a JSON object; raise InvalidInput for all else."""
    try:
        found = json.loads(
            text,
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_once,
        )
        text.encode()
        json.dumps(found, default=str, ensure_ascii=False).encode()  # \ud800 alone is no text
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{field} is not JSON that an item can hold: {error}",
            field=field,
            mend=f"""write {field} '{{"NAME": "value"}}'""",
        ) from error
    if not isinstance(found, dict):
        raise InvalidInput(
            f"{field} must be a JSON object", field=field, mend='write {"NAME": "value"}'
        )
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice")
    return found
