"""The deployed handler: put together once from its settings, and only when it is called."""

from collections.abc import Iterator
from typing import Any

import pytest
from aws_lambda_powertools.utilities import parameters

from functions.serve_records import handler as served
from shared.model.errors import InvalidInput
from tests.unit.functions.serve_records.service import CONTEXT, StoredRecords, event

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cursors"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    for name, value in {
        "MIGRATION": "personnel",
        "ACCOUNT": "123456789012",
        "REGION": "us-east-1",
        "CONTROL_TABLE": "control",
        "LEDGER_TABLE": "ledger",
        "ARCHIVE_BUCKET": "archive",
        "NOTIFICATIONS_TOPIC": "notifications",
        "CURSOR_SECRET": ARN,
    }.items():
        monkeypatch.setenv(f"CUTOVER_{name}", value)
    served._service.cache_clear()
    yield monkeypatch
    served._service.cache_clear()


def _call(url: str) -> dict[str, Any]:
    return served.handler(event("GET", url), CONTEXT)  # type: ignore[arg-type]  # a fake context


def test_handler_builds_the_service_once_and_asks_for_the_secret_when_a_list_needs_it(
    settings: pytest.MonkeyPatch,
) -> None:
    records = StoredRecords()
    records.page_end = {"table": "source"}
    built: list[StoredRecords] = []
    asked: list[tuple[str, int]] = []

    def build(_environ: object, _offer: object) -> StoredRecords:
        built.append(records)
        return records

    def secret(arn: str, max_age: int) -> str:
        asked.append((arn, max_age))
        return "secret"

    settings.setattr(served.bootstrap, "records", build)
    settings.setattr(parameters, "get_secret", secret)
    assert _call("/health")["statusCode"] == 200
    assert asked == []
    assert _call("/employees?team=T")["statusCode"] == 200
    assert (built, asked) == ([records], [(ARN, served.SECRET_KEPT_SECONDS)])


def test_handler_without_a_cursor_secret_says_which_setting_is_missing(
    settings: pytest.MonkeyPatch,
) -> None:
    settings.delenv("CUTOVER_CURSOR_SECRET")
    with pytest.raises(InvalidInput, match="CUTOVER_CURSOR_SECRET"):
        _call("/health")
