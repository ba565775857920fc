"""Made-up events for tests and the demo: the same for the same seed, and of every provider."""

import random
from collections.abc import Callable
from decimal import Decimal

from migrations.events.provider import FALLBACK, Provider, Shape
from migrations.events.providers import recognising, registered
from migrations.events.reading import Payload
from shared.model.item import ITEM_LIMIT_BYTES, Item, Value, size

_FIRST = ("Ana", "Björn", "Chloë", "Đorđe", "Eve", "Fatima", "Günther", "Hiro", "Ines", "João")
_LAST = ("Smith", "Müller", "García", "O'Neill", "Nguyễn", "Łukasik", "渡辺", "Öz", "🙂 Jones")
_CITIES = ("Paris", "São Paulo", "Łódź", "京都", "")
_THINGS = ("Blue mug", "Café crème", "Größe L", "10 % off", "👟 Runner")
_UNKNOWN = ("Acme Forms", "bigcommerce", "", None)
_LONG_EVERY = 150
_AGAIN_EVERY = 40
_DEEPEST = 28
_EARLIEST, _LATEST = 1_760_000_000, 1_790_000_000


def generate(seed: int, count: int, unmovable: int = 0, doubtful: int = 0) -> list[Item]:
    """Return `count` events without canonical form, of every provider as chance has it.

    The last `doubtful` ones are ambiguous, and the `unmovable` ones before them cannot move, in
    turn by each reason; all others move. They carry no stamp of the engine: such is a table
    older than the wrapper. Optional parts may be missing, about one in 40 is an event that came
    before, payloads may be nested deep, and one in about 150 is 20 to 60 KB long.
    """
    chance = random.Random(seed)  # noqa: S311  # made-up events, not secrets
    ids = [f"S{seed}-{number:05d}" for number in range(count)]
    held = count - unmovable - doubtful
    events: list[Item] = []
    for event_id in ids[:held]:
        again = bool(events) and chance.random() < 1 / _AGAIN_EVERY
        event = {**chance.choice(events), "event_id": event_id} if again else None
        events.append(event or _event(chance, event_id))
    for position, event_id in enumerate(ids[held : held + unmovable]):
        events.append(_SPOILS[position % len(_SPOILS)](_plain(event_id)))
    for position, event_id in enumerate(ids[held + unmovable :]):
        events.append(_DOUBTS[position % len(_DOUBTS)](_plain(event_id)))
    return events


def _event(chance: random.Random, event_id: str) -> Item:
    provider = chance.choice([*registered().values()])
    shape = chance.choice(provider.shapes)
    payload = _varied(chance, provider, shape)
    event: Item = {"event_id": event_id, "event_data": payload, **_claim(chance, provider)}
    optional: list[tuple[float, str, Value]] = [
        (0.95, "account_id", f"acc-{chance.randrange(12)}"),
        (0.7, "created_at", _time(chance)),
        (0.3, "occurred_at", _time(chance)),
        (0.1, "canonical_event", None),
        (0.2, "campaigns", frozenset(f"c-{chance.randrange(9)}" for _ in range(3))),
        (0.1, "raw", chance.randbytes(24)),
    ]
    return {**event, **{name: value for share, name, value in optional if chance.random() < share}}


def _claim(chance: random.Random, provider: Provider) -> Item:
    """Return what the record claims: the provider in some spelling, or nothing."""
    if provider.name == FALLBACK:
        name = chance.choice(_UNKNOWN)
        return {} if name is None else {"provider": name}
    spellings = (provider.name, provider.name.replace("_", "-"), provider.name.title())
    return {} if chance.random() < 0.15 else {"provider": chance.choice(spellings)}


def _varied(chance: random.Random, provider: Provider, shape: Shape) -> Payload:
    """Return a payload of a shape, with other values and perhaps without what it can lack."""
    whole: Item = _with_other_values(chance, shape.example)
    needed = {path.split(".")[0] for path in (*shape.needs, *(provider.further or ()))}
    for name in [each for each in whole if each not in needed]:
        less = {each: value for each, value in whole.items() if each != name}
        if chance.random() < 0.15 and provider.shape_of(less) is shape:
            whole = less
    if chance.random() < 0.1:
        whole["deep"] = _nested(chance.randrange(2, _DEEPEST))
    if chance.random() < 1 / _LONG_EVERY:
        whole["history"] = ["é" * chance.randrange(10_000, 30_000)]
    return whole


def _with_other_values(chance: random.Random, value: Value, name: str = "") -> Value:
    """Return a value of the same form whose names, places, sums and times are made up anew."""
    match value:
        case dict():
            return {each: _with_other_values(chance, v, each) for each, v in value.items()}
        case list():
            return [_with_other_values(chance, each) for each in value]
        case _:
            return _VARIED[name](chance) if name in _VARIED and value is not None else value


def _time(chance: random.Random) -> str:
    month, day, hour = chance.randrange(1, 13), chance.randrange(1, 29), chance.randrange(24)
    offset = chance.choice(("Z", ".250Z", "-05:00", "+02:00", ""))
    return f"2026-{month:02d}-{day:02d}{chance.choice('T ')}{hour:02d}:00:00{offset}"


def _price(chance: random.Random) -> str:
    return f"{chance.randrange(1, 90_000) / 100:.2f}"


def _person(chance: random.Random) -> str:
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


_VARIED: dict[str, Callable[[random.Random], Value]] = {
    "first_name": lambda chance: chance.choice(_FIRST),
    "last_name": lambda chance: chance.choice(_LAST),
    **dict.fromkeys(("author_name", "customer_name"), _person),
    **dict.fromkeys(("city", "City"), lambda chance: chance.choice(_CITIES)),
    **dict.fromkeys(
        ("title", "description", "productName", "product_name"),
        lambda chance: chance.choice(_THINGS),
    ),
    **dict.fromkeys(("price", "total_price", "current_total_price"), _price),
    **dict.fromkeys(
        ("total", "amount_total", "unit_amount", "visitor_count"),
        lambda chance: Decimal(chance.randrange(90_000)),
    ),
    **dict.fromkeys(("created_at", "submitted_at", "starts_at", "timestamp"), _time),
    "created": lambda chance: Decimal(chance.randrange(_EARLIEST, _LATEST)),
    "rating": lambda chance: Decimal(chance.randrange(2, 11)) / 2,
}


def _nested(levels: int) -> Value:
    value: Value = {"note": "deep enough"}
    for _ in range(levels):
        value = {"in": value}
    return value


def _plain(event_id: str) -> Item:
    return {"event_id": event_id, "account_id": "acc-0", "created_at": "2026-02-03T11:00:00Z"}


def _payload(provider: str) -> Item:
    return dict(registered()[provider].shapes[0].example)


def _cut_short(event: Item) -> Item:
    provider = recognising()[0]
    shape = provider.shapes[0]
    lacking = shape.needs[-1].split(".")[0]
    whole = {name: value for name, value in shape.example.items() if name != lacking}
    return {**event, "provider": provider.name, "event_data": whole}


def _cut_as_text(event: Item) -> Item:
    return {**event, "provider": "shopify", "event_data": '{"id": 820982911946154508, "line_it'}


def _too_large(event: Item) -> Item:
    """Return an event that the table can just hold, and with its canonical form cannot."""
    payload = {**_payload(FALLBACK), "body": ""}
    room = ITEM_LIMIT_BYTES - 40 - size({**event, "event_data": payload})
    return {**event, "event_data": {**payload, "body": "x" * room}}


def _claim_of_no_text(event: Item) -> Item:
    return {**event, "provider": Decimal(3), "event_data": _payload(FALLBACK)}


def _another_shape(event: Item) -> Item:
    return {**event, "provider": "shopify", "event_data": _payload("stripe")}


def _unknown_claim(event: Item) -> Item:
    return {**event, "provider": "Acme Shop", "event_data": _payload("shopify")}


def _two_shapes(event: Item) -> Item:
    return {**event, "event_data": {**_payload("testimonials"), **_payload("instant_capture")}}


_SPOILS = (_cut_short, _cut_as_text, _too_large, _claim_of_no_text)
_DOUBTS = (_another_shape, _unknown_claim, _two_shapes)
