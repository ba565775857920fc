"""Where a command prints: results on stdout, everything else on stderr, calm when piped."""

import json
from typing import Any

from rich.console import Console, RenderableType


class Screen:
    """The two streams; text is printed as it is, never read as markup."""

    def __init__(self) -> None:
        plain: dict[str, Any] = {"markup": False, "highlight": False, "emoji": False}
        self.out = Console(**plain)
        self.err = Console(stderr=True, **plain)

    def document(self, document: Any) -> None:
        """Print one JSON document on stdout, whole lines, whatever the terminal's width."""
        text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
        self.out.print(text, soft_wrap=True)

    def show(self, *views: RenderableType) -> None:
        """Print what people asked for."""
        for view in views:
            self.out.print(view, crop=False)

    def line(self, text: str) -> None:
        """Print a line whole, so that it can be copied or read by a program."""
        self.out.print(text, soft_wrap=True)

    def note(self, text: str) -> None:
        """Print something about the command on stderr."""
        self.err.print(text, style="dim")


def printable(text: str) -> str:
    """Return a text that cannot steer a terminal: records may hold control characters."""
    return "".join(
        each if each.isprintable() or each == "\n" else f"\\x{ord(each):02x}" for each in text
    )
