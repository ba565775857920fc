"""Made-up v1 records for tests and the demo: the same for the same seed, and hard to move."""

import random
from collections.abc import Callable
from decimal import Decimal

from migrations.personnel.numbers import RESERVED
from shared.model.item import ITEM_LIMIT_BYTES, Item, Value, size

_FIRST = ("Ana", "Björn", "Chloë", "Đorđe", "Eve", "Fatima", "Günther", "Hiro", "Ines", "João")
_LAST = ("Smith", "Müller", "García", "O'Neill", "Nguyễn", "Łukasik", "渡辺", "Öz", "🙂 Jones")
_ROLES = ("user", "manager", "admin", "")
_SKILLS = ("crane", "weld", "électricité", "first aid 🩹", "survey")
_LONG_EVERY = 150
_NOT_YET_TOO_LARGE_BYTES = ITEM_LIMIT_BYTES - 40


def generate(seed: int, count: int, unmovable: int = 0) -> list[Item]:
    """Return v1 records, of which the last `unmovable` ones cannot move, in turn by each reason.

    They carry no stamp of the engine: such is a table older than the wrapper. Names, numbers,
    mails and projects may be missing, two employees may share a number, and one record in
    about 150 is 20 to 60 KB long.
    """
    chance = random.Random(seed)  # noqa: S311  # made-up records, not secrets
    ids = [f"S{seed}-{number:05d}" for number in range(count)]
    records = [_record(chance, employee_id) for employee_id in ids]
    for position in range(count - unmovable, count):
        spoil = _SPOILS[(position - count + unmovable) % len(_SPOILS)]
        records[position] = spoil(_plain(ids[position]))
    return records


def _record(chance: random.Random, employee_id: str) -> Item:
    optional: list[tuple[float, str, Value]] = [
        (0.9, "full_name", f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"),
        (0.7, "employee_number", f"EMP{chance.randrange(10_000):04d}"),
        (0.8, "project_id", f"P-{chance.randrange(12)}"),
        (0.9, "active", chance.random() < 0.85),
        (0.6, "email", chance.choice(("", f"{employee_id.lower()}@example.org"))),
        (0.6, "phone", chance.choice(("", f"+1 555 {chance.randrange(10_000):04d}"))),
        (0.4, "role", chance.choice(_ROLES)),
        (0.4, "hourly_rate", Decimal(chance.randrange(1500, 9000)) / 100),
        (
            0.5,
            "created_at",
            f"20{chance.randrange(10, 26)}-0{chance.randrange(1, 10)}-11T08:00:00Z",
        ),
        (0.3, "certifications", chance.sample(_SKILLS, chance.randrange(3))),
        (0.3, "address", {"city": "São Paulo", "lines": ["", None, {"flat": Decimal(7)}]}),
        (0.2, "skills", frozenset(chance.sample(_SKILLS, 1 + chance.randrange(3)))),
        (0.2, "sites", frozenset(Decimal(chance.randrange(1, 99)) for _ in range(3))),
        (0.2, "badge", chance.randbytes(24)),
        (0.1, "keys", frozenset({chance.randbytes(4), chance.randbytes(5)})),
        (0.2, "balance", Decimal(chance.randrange(10**37, 10**38))),
        (0.2, "ratio", Decimal(chance.randrange(10**37, 10**38)).scaleb(-40)),
        (0.2, "nickname", chance.choice(("", "Ace", "Größe"))),
        (1 / _LONG_EVERY, "biography", "é" * chance.randrange(10_000, 30_000)),
    ]
    present = {name: value for share, name, value in optional if chance.random() < share}
    return {**_key(employee_id), **present}


def _key(employee_id: str) -> Item:
    return {"PK": f"EMPLOYEE#{employee_id}", "SK": "PROFILE"}


def _plain(employee_id: str) -> Item:
    return {**_key(employee_id), "full_name": "Held Back", "project_id": "P-1", "active": True}


def _unclear_active(record: Item) -> Item:
    return {**record, "active": "yes"}


def _too_large_in_v2(record: Item) -> Item:
    """Return a record that v1 can just hold, and v2 with its further attributes cannot."""
    room = _NOT_YET_TOO_LARGE_BYTES - size({**record, "biography": ""})
    return {**record, "biography": "x" * room}


def _role_of_wrong_type(record: Item) -> Item:
    return {**record, "role": Decimal(3)}


def _number_of_another(record: Item) -> Item:
    return {**record, "employee_number": f"{RESERVED}GE"}


def _contradicting_status(record: Item) -> Item:
    return {**record, "status": "inactive"}


def _another_kind(record: Item) -> Item:
    return {**record, "SK": "CONTRACT"}


_SPOILS: tuple[Callable[[Item], Item], ...] = (
    _unclear_active,
    _too_large_in_v2,
    _role_of_wrong_type,
    _number_of_another,
    _contradicting_status,
    _another_kind,
)
