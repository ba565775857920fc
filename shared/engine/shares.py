"""Which keys are in a share of all: a sticky hash, the same for readers and for writers."""

import hashlib

BUCKETS = 10_000


def in_share(text: str, percent: int) -> bool:
    """Tell whether a key is in the share; one that is stays in every larger share."""
    digest = hashlib.sha256(text.encode()).digest()
    bucket = int.from_bytes(digest[:8], "big") % BUCKETS
    return bucket * 100 < percent * BUCKETS
