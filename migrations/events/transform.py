"""Between an event without and with its canonical form: a flat map that any template can read.

Keys are `template.*`, what a template shows, and `meta.*`: the provider, when it happened, the
kind of event and the provider's own id of it. The payload stays as it is, so there is nothing
to bring back on the way down. What is in doubt is left out, so that a record that has to wait
for a person can still be read.

Everything here is total: it answers for every item a table can hold, whatever its types.
"""

import re
from collections.abc import Mapping
from decimal import Decimal

from migrations.events.reading import Fields, label, moment
from migrations.events.recognition import PAYLOAD, Recognised, recognise
from shared.model.declaration import Decision, Verdict
from shared.model.in_place import Found, Invariant
from shared.model.item import Item, Value

CANONICAL = "canonical_event"
DERIVED = frozenset({CANONICAL})

_MOMENTS = ("occurred_at", "created_at")
_KEY = re.compile(r"(template|meta)\.[a-z0-9_.]+")


def up(old: Item, found: Found = ()) -> Item:  # noqa: ARG001  # no reference is looked up
    """Return an event with its canonical form; a null one, as SQL left it, counts as none."""
    return {**old, CANONICAL: _canonical(old)}


def down(new: Item) -> Item:
    """Return an event without its canonical form."""
    return {name: value for name, value in new.items() if name != CANONICAL}


def classify(old: Item, found: Found = ()) -> Verdict:  # noqa: ARG001  # nor here
    """Decide whether an event's canonical form can be made; a verdict quotes no payload."""
    if not isinstance(old.get(CANONICAL), dict | None):
        return Verdict(Decision.REJECT, "there is a canonical_event that is no map", CANONICAL)
    return recognise(old).verdict


def upgraded(item: Item) -> bool:
    """Tell whether an event has a canonical form; whether it is the right one, validation tells."""
    return isinstance(item.get(CANONICAL), dict)


def _canonical(old: Mapping[str, Value]) -> Item:
    recognised = recognise(old)
    fields = {**_template(old, recognised), **_meta(old, recognised)}
    return {name: value for name, value in fields.items() if value is not None}


def _template(old: Mapping[str, Value], recognised: Recognised) -> Fields:
    shape = recognised.shape
    fields = shape.fields(old[PAYLOAD]) if shape else {}
    return {f"template.{name}": value for name, value in fields.items()}


def _meta(old: Mapping[str, Value], recognised: Recognised) -> Fields:
    shape, written = recognised.shape, moment(old, *_MOMENTS)
    meta = {"meta.provider": recognised.provider, "meta.timestamp": written}
    if shape:
        payload = old[PAYLOAD]
        meta["meta.kind"] = shape.kind
        meta["meta.source_id"] = label(payload, *shape.identities)
        meta["meta.timestamp"] = moment(payload, *shape.moments) or written
    return meta


def _without_form(item: Item) -> str | None:
    """Return why a migrated event has no canonical form (E06), or None when it has one."""
    form = item.get(CANONICAL)
    if not isinstance(form, dict):
        return "there is no canonical_event"
    return None if form.get("meta.provider") else "canonical_event names no provider"


def _not_flat(item: Item) -> str | None:
    """Return why no template could read a migrated event's canonical form, or None if one can."""
    form = item.get(CANONICAL)
    entries = form if isinstance(form, dict) else {}
    if not all(_KEY.fullmatch(name) for name in entries):
        return "a name in canonical_event is neither template.* nor meta.*"
    if not all(isinstance(value, str | bool | int | Decimal) for value in entries.values()):
        return "a value in canonical_event is not text, a number or a boolean"
    return None


INVARIANTS = (
    Invariant("every event has a canonical form", _without_form),
    Invariant("every canonical form is flat", _not_flat),
)
