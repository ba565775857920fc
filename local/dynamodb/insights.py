"""Contributor insights of a table: moto knows neither the property nor the operations."""

from __future__ import annotations

import time
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

_ATTRIBUTE = "contributor_insights"


def install() -> None:
    """Add the two operations that moto has not."""
    for name, operation in (
        ("describe_contributor_insights", _describe),
        ("update_contributor_insights", _update),
    ):
        setattr(DynamoHandler, name, operation)


def switch(table: Table, *, on: bool) -> None:
    """Turn the insights of a table on or off."""
    setattr(table, _ATTRIBUTE, {"on": on, "since": time.time()})


def _describe(self: Any) -> ActionResult:
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    state = getattr(table, _ATTRIBUTE, {"on": False})
    return ActionResult(_answer(table, on=state["on"]))


def _update(self: Any) -> ActionResult:
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    on = self.body["ContributorInsightsAction"] == "ENABLE"
    switch(table, on=on)
    return ActionResult(_answer(table, on=on))


def _answer(table: Table, *, on: bool) -> dict[str, Any]:
    status = "ENABLED" if on else "DISABLED"
    return {"TableName": table.name, "ContributorInsightsStatus": status}
