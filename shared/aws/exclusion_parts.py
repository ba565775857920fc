"""A set of excluded keys, however large, as items of the ledger, and back; pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared.model.item import Item, Value, size

PART_BYTES = 300 * 1024


def parts(partition: str, keys: Iterable[str]) -> list[Item]:
    """Return the items of a set: its keys in order, cut by size; each knows how many there are.

    The same set always makes the same items, so storing it again changes nothing.
    """
    cut = list(_cut(sorted(set(keys))))
    return [
        {"PK": partition, "SK": f"{number:06d}", "parts": len(cut), "keys": part}
        for number, part in enumerate(cut)
    ]


def joined(items: Sequence[Mapping[str, Value]]) -> frozenset[str] | None:
    """Return the set that items hold; None when they are not all there."""
    if not items or any(item["parts"] != len(items) for item in items):
        return None
    return frozenset(key for item in items for key in item["keys"])


def _cut(keys: Sequence[str]) -> Iterator[list[str]]:
    """Yield the keys in pieces that fit into an item; no keys are one empty piece."""
    part: list[str] = []
    room = PART_BYTES
    for key in keys:
        needed = size({"": [key]})
        if needed > room:
            yield part
            part, room = [], PART_BYTES
        part.append(key)
        room -= needed
    yield part
