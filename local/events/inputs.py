"""What a target is sent: the event, a part of it, a constant, or a template filled from it.

EventBridge guide, "Amazon EventBridge input transformation". A variable in quotes becomes text, one
outside of them JSON; what the event does not have is null there, and nothing in a text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Event = Mapping[str, Any]

_STEP = re.compile(r"\.(?P<name>[^.\[\]]+)|\[(?P<place>\d+)\]|\['(?P<quoted>[^']+)'\]")
_PIECE = re.compile(r'\\.|"|<(?P<name>[A-Za-z][\w.-]*)>', re.DOTALL)
_RESERVED: dict[str, Callable[[Any, Event], Any]] = {
    "aws.events.rule-arn": lambda rule, _: rule.arn,
    "aws.events.rule-name": lambda rule, _: rule.name,
    "aws.events.event.ingestion-time": lambda _, event: event["time"],
    "aws.events.event.json": lambda _, event: event,
    "aws.events.event": lambda _, event: {
        name: value for name, value in event.items() if name != "detail"
    },
}


class BadPath(ValueError):
    """A path that cannot be followed here."""


def text(rule: Any, target: Mapping[str, Any], event: Event) -> str:
    """Give what a rule's target is sent of an event."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(at(target["InputPath"], event))
    if target.get("InputTransformer"):
        return _filled(rule, target["InputTransformer"], event)
    return json.dumps(event)


def at(path: str, event: Any) -> Any:
    """Follow a path such as $.detail.state.value; None where the event has nothing there."""
    if not path.startswith("$"):
        raise BadPath(f"{path} does not begin with $")
    place, found = 1, event
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            raise BadPath(f"{path} cannot be followed from {path[place:]}")
        found = _one_step(found, step)
        place = step.end()
    return found


def _one_step(found: Any, step: re.Match[str]) -> Any:
    if step["place"] is not None:
        number = int(step["place"])
        return found[number] if isinstance(found, list) and number < len(found) else None
    name = step["name"] or step["quoted"]
    return found.get(name) if isinstance(found, dict) else None


def _filled(rule: Any, transformer: Mapping[str, Any], event: Event) -> str:
    """Fill a template, piece by piece, minding what is in quotes."""
    paths = transformer.get("InputPathsMap") or {}
    template, parts = transformer["InputTemplate"], list[str]()
    quoted, place = False, 0
    for piece in _PIECE.finditer(template):
        parts.append(template[place : piece.start()])
        place, name = piece.end(), piece["name"]
        quoted ^= piece[0] == '"'
        if name is None or (name not in paths and name not in _RESERVED):
            parts.append(piece[0])
            continue
        value = at(paths[name], event) if name in paths else _RESERVED[name](rule, event)
        parts.append(_in_quotes(value) if quoted else json.dumps(value))
    return "".join([*parts, template[place:]])


def _in_quotes(value: Any) -> str:
    """Give a value as a part of a JSON text."""
    plain = value if isinstance(value, str) else "" if value is None else json.dumps(value)
    return json.dumps(plain)[1:-1]
