"""Numbers as DynamoDB keeps them: exact decimals of at most 38 digits in one plain spelling.

moto keeps a number as it was written, so that `1.0`, `1` and `1E0` differ. AWS: "Supported data
types and naming rules in Amazon DynamoDB", section Number.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal

from local.dynamodb.refusals import Invalid

_PLAIN = re.compile(r"(?:0|-?[1-9][0-9]{0,37})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_MAX_DIGITS = 38
_MAX_EXPONENT = 125
_MIN_EXPONENT = -130
# Wide enough for any sum of two valid numbers, so that only the result's own limits decide.
_EXACT = Context(prec=300)


def normalise(text: object) -> str:
    """Give the one spelling of a number: no exponent, no needless zero, no sign on zero.

    Raises Invalid for what is no number, for more than 38 significant digits and for a magnitude
    outside 1E-130 to 9.99E+125.
    """
    if not isinstance(text, str):
        raise Invalid(f"The parameter cannot be converted to a numeric value: {text}")
    if _PLAIN.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text):
        raise Invalid(f"The parameter cannot be converted to a numeric value: {text}")
    return plain(Decimal(text))


def plain(number: Decimal) -> str:
    """Spell a decimal out, refusing what DynamoDB cannot hold."""
    if not number:
        return "0"
    digits = number.as_tuple().digits
    if len(digits) - _trailing_zeros(digits) > _MAX_DIGITS:
        raise Invalid("Attempting to store more than 38 significant digits in a Number")
    if number.adjusted() > _MAX_EXPONENT:
        raise Invalid(
            "Number overflow. Attempting to store a number with magnitude larger than supported "
            "range"
        )
    if number.adjusted() < _MIN_EXPONENT:
        raise Invalid(
            "Number underflow. Attempting to store a number with magnitude smaller than supported "
            "range"
        )
    spelled = format(number, "f")
    return spelled.rstrip("0").rstrip(".") if "." in spelled else spelled


def add(left: str, right: str) -> str:
    """Add two normalised numbers."""
    return plain(_EXACT.add(Decimal(left), Decimal(right)))


def subtract(left: str, right: str) -> str:
    """Take the second normalised number from the first."""
    return plain(_EXACT.subtract(Decimal(left), Decimal(right)))


def size(text: str) -> int:
    """Count the bytes a normalised number takes: one per two digits, one more, one for a minus."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return (len(digits) + 1) // 2 + 1 + text.startswith("-")


def _trailing_zeros(digits: tuple[int, ...]) -> int:
    count = 0
    for digit in reversed(digits):
        if digit:
            break
        count += 1
    return count
