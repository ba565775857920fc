"""The sorted map agrees with a sorted list whatever is done to it."""

from __future__ import annotations

import random

from local.dynamodb import ordered
from local.dynamodb.ordered import TOP, Ordered


def test_walks_agree_with_a_sorted_list_through_many_changes(monkeypatch):
    monkeypatch.setattr(ordered, "_RUN", 4)
    chance = random.Random(7)  # noqa: S311 a repeatable shuffle, no secret
    tested, model = Ordered[int](), {}
    for step in range(3000):
        key = (chance.randrange(40), chance.randrange(10))
        if chance.random() < 0.45:
            tested.discard(key)
            model.pop(key, None)
        else:
            tested.set(key, step)
            model[key] = step
        low, high = sorted([(chance.randrange(41),), (chance.randrange(41),)])
        expected = [(k, model[k]) for k in sorted(model) if low <= k < high]
        assert list(tested.walk(low, high)) == expected
        assert list(tested.walk(low, high, backwards=True)) == expected[::-1]
        assert len(tested) == len(model)


def test_top_ends_a_range_after_every_longer_key():
    tested = Ordered[str]()
    for key in ((1, "a"), (1, "b", "x"), (2, "a")):
        tested.set(key, "")
    assert [key for key, _ in tested.walk((1,), (1, TOP))] == [(1, "a"), (1, "b", "x")]
