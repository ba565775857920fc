"""Employee numbers for those who have none, made from the employee_id alone.

A number is `GEN-` and the base32 of the id's UTF-8 bytes without padding. The encoding is
injective, so two ids never share a number, and it can be read back, so that a search by a
generated number finds its record in v1, where the number is stored nowhere.
"""

import base64
import binascii

RESERVED = "GEN-"


def generated(employee_id: str) -> str:
    """Return the number that belongs to an employee_id."""
    return RESERVED + base64.b32encode(employee_id.encode()).decode().rstrip("=")


def employee_id_in(number: str) -> str | None:
    """Return the employee_id a generated number was made from, or None for any other text."""
    digits = number.removeprefix(RESERVED)
    try:
        employee_id = base64.b32decode(digits + "=" * (-len(digits) % 8)).decode()
    except (binascii.Error, ValueError):
        return None
    # base32 has spare bits, and the prefix may be missing: only the one true spelling counts
    return employee_id if employee_id and generated(employee_id) == number else None
