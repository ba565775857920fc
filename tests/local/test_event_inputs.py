"""What a target is sent of an event, without a server."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from local.events.inputs import BadPath, at, text

RULE = SimpleNamespace(arn="arn:rule", name="tick")
EVENT: dict[str, Any] = {
    "time": "2026-01-01T00:00:00Z",
    "detail-type": "CloudWatch Alarm State Change",
    "resources": ["arn:a", "arn:b"],
    "detail": {"alarmName": 'say "a"', "state": {"value": "ALARM", "level": 3}},
}


def sent(**target: Any) -> Any:
    return json.loads(text(RULE, target, EVENT))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$", EVENT),
        ("$.detail.state.value", "ALARM"),
        ("$.detail-type", "CloudWatch Alarm State Change"),
        ("$['detail-type']", "CloudWatch Alarm State Change"),
        ("$.resources[1]", "arn:b"),
        ("$.resources[2]", None),
        ("$.detail.none.value", None),
    ],
)
def test_a_path_leads_to_what_the_event_has_there(path: str, expected: object) -> None:
    assert at(path, EVENT) == expected


@pytest.mark.parametrize("path", ["detail", "$.a[*]", "$..value"])
def test_a_path_that_cannot_be_followed_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        at(path, EVENT)


def test_a_target_is_sent_the_event_a_part_or_a_constant() -> None:
    assert sent() == EVENT
    assert sent(InputPath="$.detail.state") == {"value": "ALARM", "level": 3}
    assert sent(Input='{"a": 1}') == {"a": 1}


def test_a_template_is_filled_as_json_outside_of_quotes_and_as_text_within() -> None:
    paths = {"name": "$.detail.alarmName", "state": "$.detail.state", "no": "$.detail.none"}
    template = """{"alarm": <name>, "state": <state>, "said": "<name> at \\"<state>\\"<no>",
        "none": <no>, "rule": "<aws.events.rule-name>", "at": <aws.events.event.ingestion-time>,
        "unknown": "<other>"}"""
    assert sent(InputTransformer={"InputPathsMap": paths, "InputTemplate": template}) == {
        "alarm": 'say "a"',
        "state": {"value": "ALARM", "level": 3},
        "said": 'say "a" at "{"value": "ALARM", "level": 3}"',
        "none": None,
        "rule": "tick",
        "at": "2026-01-01T00:00:00Z",
        "unknown": "<other>",
    }


def test_a_template_may_hold_the_whole_event() -> None:
    assert sent(InputTransformer={"InputTemplate": "<aws.events.event.json>"}) == EVENT
