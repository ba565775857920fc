"""Notifications through a topic of SNS (the port `Notifications`)."""

from typing import Any

from shared.aws.errors import translated

LONGEST_SUBJECT = 100
"""Characters of a subject, all of them ASCII and printable (Publish API reference)."""


class SnsTopic:
    """One topic; who is told is decided by its subscriptions."""

    def __init__(self, sns: Any, arn: str) -> None:
        self._sns = sns
        self._arn = arn

    def publish(self, subject: str, body: str) -> None:
        """Publish a notification; a subject that SNS would refuse is cut and cleaned."""
        plain = subject.encode("ascii", "replace").decode()
        cut = "".join(each if each.isprintable() else " " for each in plain)[:LONGEST_SUBJECT]
        with translated(writes=True):
            self._sns.publish(TopicArn=self._arn, Subject=cut, Message=body)
