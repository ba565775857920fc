"""What an event source mapping says (Lambda guide, "Process DynamoDB records with Lambda")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_FOREVER = -1
_PARTIAL = "ReportBatchItemFailures"


@dataclass(frozen=True)
class Settings:
    """How records are batched, and what happens when the function fails.

    `retries` and `record_age` (seconds) are None where there is no limit; `destination` is the
    ARN of the queue for what was given up.
    """

    function_arn: str
    batch_size: int
    bisect: bool
    partial: bool
    retries: int | None
    record_age: int | None
    destination: str | None


def settings_of(mapping: Any) -> Settings:
    """Read moto's mapping."""
    failure = (mapping.destination_config or {}).get("OnFailure") or {}
    return Settings(
        function_arn=mapping.function_arn,
        batch_size=int(mapping.batch_size),
        bisect=bool(mapping.bisect_on_error),
        partial=_PARTIAL in (mapping.function_response_types or ()),
        retries=_limit(mapping.max_retry_attempts),
        record_age=_limit(mapping.max_record_age),
        destination=failure.get("Destination"),
    )


def _limit(value: int | None) -> int | None:
    return None if value is None or int(value) == _FOREVER else int(value)
