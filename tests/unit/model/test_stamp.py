"""The stamp and the two conditions everything rests on, against their plain meaning."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.errors import InvalidInput
from shared.model.item import Item, size
from shared.model.stamp import Stamp, StampNames
from shared.model.writes import holds

NAMES = StampNames()
STAMPS = st.one_of(
    st.just(Stamp()),
    st.builds(Stamp, st.integers(1, 3)),
    st.builds(Stamp, st.integers(1, 3), st.sampled_from(("one", "two"))),
)
MAYBE_ITEMS = st.one_of(
    st.none(), STAMPS.map(lambda stamp: {"PK": "a", "other": "x", **NAMES.write_out(stamp)})
)


@given(MAYBE_ITEMS, MAYBE_ITEMS)
def test_cas_holds_exactly_when_the_item_is_as_read(seen: Item | None, now: Item | None) -> None:
    unchanged = (seen is None) == (now is None)
    if seen is not None and now is not None:
        unchanged = NAMES.read(seen) == NAMES.read(now)
    assert holds(NAMES.cas(seen, "PK"), now) is unchanged


@given(STAMPS, MAYBE_ITEMS)
def test_replica_takes_it_when_absent_or_the_same_incarnation_and_not_newer(
    stamp: Stamp, replica: Item | None
) -> None:
    found = None if replica is None else NAMES.read(replica)
    takes = found is None or (found.birth == stamp.birth and found.version <= stamp.version)
    assert holds(NAMES.replaceable(stamp, "PK"), replica) is takes


@given(STAMPS)
def test_stamp_is_read_back_as_it_was_written(stamp: Stamp) -> None:
    item = {"PK": "a", **NAMES.write_out(stamp)}
    assert NAMES.read(item) == stamp
    assert NAMES.strip(item) == {"PK": "a"}


@pytest.mark.parametrize(
    "attributes",
    [
        {NAMES.version: "1"},
        {NAMES.version: Decimal(0)},
        {NAMES.version: Decimal("1.5")},
        {NAMES.version: True},
        {NAMES.birth: "without a version"},
        {NAMES.version: Decimal(1), NAMES.birth: Decimal(1)},
        {NAMES.version: Decimal(1), NAMES.write: b"x"},
    ],
    ids=repr,
)
def test_names_that_hold_something_else_are_invalid(attributes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        NAMES.read({"PK": "a", **attributes})
    assert caught.value.field in NAMES.all


def test_reserved_bytes_cover_a_full_stamp() -> None:
    uuid = "123e4567-e89b-12d3-a456-426614174000"
    full = NAMES.write_out(Stamp(10**38 - 1, uuid, uuid))
    assert size(full) <= NAMES.reserved_bytes
