"""Times as a Wait state reads them."""

import math
from datetime import UTC, datetime


def timestamp(at: float) -> str:
    """Return epoch seconds as a timestamp in UTC, rounded up: never before the time meant."""
    return datetime.fromtimestamp(math.ceil(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
