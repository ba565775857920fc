"""Reads README.md and docs/ as what they are made of: sections, blocks of code, links, tables."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_TEST = re.compile(r"`(tests/[^`]+)::([^`]+)`")
_PLACEHOLDER = re.compile(r"<[A-Za-z][\w-]*>")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of code: where it stands, its language and its text."""

    page: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """Return whole commands: continued lines are joined, comments and prompts left out."""
        joined = self.text.replace("\\\n", " ")
        return [line for line in joined.splitlines() if line.strip() and line[0] != "#"]


def pages() -> dict[str, str]:
    """Return the text of every page by its path from the root."""
    found = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}


def page(name: str) -> str:
    """Return one page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(language: str) -> list[Block]:
    """Return every block of code in a language."""
    return [
        Block(name, found[1], found[2])
        for name, text in pages().items()
        for found in _FENCE.finditer(text)
        if found[1] == language
    ]


def prose(text: str) -> str:
    """Return a page without its blocks of code."""
    return _FENCE.sub("", text)


def headings(text: str) -> list[str]:
    """Return the headings of a page, as they are written."""
    return [found[2] for found in _HEADING.finditer(prose(text))]


def section(text: str, title: str) -> str:
    """Return what stands under a heading, up to the next one of its level or above."""
    start = next(found for found in _HEADING.finditer(text) if found[2] == title)
    rest = text[start.end() :]
    end = re.search(rf"^#{{1,{len(start[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def links(text: str) -> list[str]:
    """Return where a page's links and pictures lead."""
    return _LINK.findall(prose(text))


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets on the forge."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


def rows(text: str) -> list[list[str]]:
    """Return the cells of every table row of a text, without headers and rules."""
    found = []
    lines = text.splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        header = following.startswith("| ---")
        if line.startswith("| ") and not line.startswith("| ---") and not header:
            found.append([cell.strip() for cell in line.strip("| ").split(" | ")])
    return found


def filled(line: str) -> str:
    """Return a command with its placeholders filled, so that a shell and a parser can read it."""
    return _PLACEHOLDER.sub("x", line)


def cited_tests(text: str) -> list[tuple[str, str]]:
    """Return the tests that a text names, each as its file and its name."""
    return [(found[1], found[2]) for found in _TEST.finditer(text)]


@cache
def defined_tests(path: str) -> frozenset[str]:
    """Return the names of a file's tests; none when there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = (each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef))
    return frozenset(each.name for each in found if each.name.startswith("test_"))
