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
        self.out.print("".join(map(_in_json, text)), soft_wrap=True)

    def show(self, *views: RenderableType) -> None:
        """Print what people asked for."""
        for view in views:
            self.out.print(printable(view) if isinstance(view, str) else view, crop=False)

    def line(self, text: str) -> None:
        """Print a line whole, so that it can be copied or read by a program."""
        self.out.print(printable(text), soft_wrap=True)

    def note(self, text: str) -> None:
        """Print something about the command on stderr."""
        self.err.print(printable(text), style="dim")


def _in_json(each: str) -> str:
    """Return a character of a JSON text; one that could steer a terminal is spelled as JSON does.

    JSON itself spells those below a space only, and a terminal obeys others as well.
    """
    return each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1]


def printable(text: str) -> str:
    """Return a text that cannot steer a terminal: records may hold control characters."""
    return "".join(
        each if each.isprintable() or each == "\n" else f"\\x{ord(each):02x}" for each in text
    )


def inline(text: str) -> str:
    """Return a printable text on one line: what a person wrote must not pass for a line of ours."""
    return printable(text).replace("\n", "\\n")
