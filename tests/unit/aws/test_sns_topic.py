"""Subjects as SNS takes them."""

from typing import Any

import pytest

from shared.aws.sns_topic import SnsTopic


class Sns:
    """Keeps what is published."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []

    def publish(self, **call: Any) -> None:
        self.calls.append(call)


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("plain", "plain"),
        ("a\nb\tc", "a b c"),
        ("Zoë → v2", "Zo? ? v2"),
        ("x" * 200, "x" * 100),
    ],
)
def test_a_subject_when_sns_would_refuse_it_expects_it_cut_and_cleaned(
    subject: str, sent: str
) -> None:
    sns = Sns()
    SnsTopic(sns, "arn:topic").publish(subject, "Zoë\n")
    assert sns.calls == [{"TopicArn": "arn:topic", "Subject": sent, "Message": "Zoë\n"}]
