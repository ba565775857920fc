"""What conditions mean; the contract suite compares it with DynamoDB's own answers."""

from decimal import Decimal

import pytest

from shared.model.item import Item
from shared.model.writes import (
    AtMost,
    Condition,
    Either,
    Equals,
    Every,
    Exists,
    Missing,
    Side,
    holds,
)

ITEM: Item = {"v": Decimal(3), "b": "birth", "none": None}


@pytest.mark.parametrize(
    ("condition", "present", "absent"),
    [
        (Exists("v"), True, False),
        (Exists("none"), True, False),
        (Missing("v"), False, True),
        (Missing("w"), True, True),
        (Equals("v", Decimal("3.0")), True, False),
        (Equals("b", "other"), False, False),
        (Equals("w", None), False, False),
        (Equals("none", None), True, False),
        (AtMost("v", 3), True, False),
        (AtMost("v", 2), False, False),
        (AtMost("w", 2), False, False),
        (Every((Exists("v"), Missing("w"))), True, False),
        (Every((Exists("v"), Exists("w"))), False, False),
        (Either((Missing("v"), Equals("v", Decimal(3)))), True, True),
        (Either((Exists("w"), AtMost("v", 2))), False, False),
        (None, True, True),
    ],
    ids=str,
)
def test_condition_holds_as_in_dynamodb(
    condition: Condition | None, present: bool, absent: bool
) -> None:
    assert holds(condition, ITEM) is present
    assert holds(condition, None) is absent


def test_sides_are_each_others_other() -> None:
    assert (Side.SOURCE.other, Side.TARGET.other) == (Side.TARGET, Side.SOURCE)
