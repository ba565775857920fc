"""Notifications that a test reads (the port `Notifications`)."""

from shared.model.errors import Refused


class MemoryNotifications:
    """What was published, in order: subject and body; nothing more once the topic is gone."""

    def __init__(self) -> None:
        self.published: list[tuple[str, str]] = []
        self.gone = False

    def publish(self, subject: str, body: str) -> None:
        """Remember a notification."""
        if self.gone:
            raise Refused("there is no topic")
        self.published.append((subject, body))
