"""Times as a Wait state reads them."""

import math
from datetime import UTC, datetime


def timestamp(at: float) -> str:
    """Return epoch seconds as a UTC timestamp in whole milliseconds, never before the time."""
    later = datetime.fromtimestamp(math.ceil(at * 1000) / 1000, UTC)
    return later.isoformat(timespec="milliseconds").replace("+00:00", "Z")
