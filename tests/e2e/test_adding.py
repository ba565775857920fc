"""docs/add-a-migration.md, followed to the letter where a new migration is the only one."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from shared import catalogue
from tests.copying import copy_repository, typed
from tests.docs.pages import blocks
from tests.e2e.apart import chosen_engine

pytestmark = pytest.mark.e2e

PAGE = "docs/add-a-migration.md"
LINES = [line for block in blocks("sh") if block.page == PAGE for line in block.lines]
UP, DOWN = "cutover local up --detach", "cutover local down"
SAMPLE = range(1, 6)
"""The ids of the records in a new folder's `sample.jsonl`."""


@dataclass
class Reader:
    """Somebody who types what the page says, and looks around in between."""

    folder: Path
    port: int
    engine: str
    told: dict[str, str] = field(default_factory=dict)

    def follow(self, lines: list[str]) -> None:
        for line in lines:
            own = f"{line} --port {self.port} --dynamodb {self.engine}" if line == UP else line
            self.told[line] = typed(self.folder, own)

    def look(self, command: str) -> dict[str, Any]:
        return dict(json.loads(typed(self.folder, f"cutover {command} --local --json")))

    def diff(self, name: str) -> set[str]:
        """Return what becomes of a comparison of each record of the sample."""
        return {str(self.look(f"diff {name} {each}")["verdict"]) for each in SAMPLE}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Yield a reader of the page with a copy of the repository, and no cloud at the end."""
    engine, folder = chosen_engine(), tmp_path_factory.mktemp("adding")
    copy_repository(folder, without=catalogue.names())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    try:
        yield Reader(folder, port, engine)
    finally:
        typed(folder, DOWN)


def line(start: str) -> int:
    """Return where the first line of the page that begins so stands."""
    return next(at for at, each in enumerate(LINES) if each.startswith(start))


def test_the_page_when_followed_expects_both_examples_moved_and_taken_back(reader: Reader) -> None:
    back = line("cutover rollback notes")
    reader.follow(LINES[:back])
    assert "passed" in reader.told["pytest tests/unit/migrations -k notes"]
    assert "passed" in reader.told["pytest tests/unit/migrations -k labels"]
    ends = {"notes": ("READ_V2", {"equal"}), "labels": ("DONE", {"upgraded"})}
    for name, (phase, verdicts) in ends.items():
        there = reader.look(f"status {name}")
        assert (there["phase"], there["excluded"]) == (phase, [])
        assert reader.diff(name) == verdicts
        assert f"{verdicts.copy().pop()}  4" in reader.told[f"cutover diff {name} 4 --local"]
    down = LINES.index(DOWN)
    reader.follow(LINES[back:down])
    for name in ends:
        assert reader.look(f"status {name}")["phase"] == "OFF"
    assert reader.diff("labels") == {"old"}
    reader.follow(LINES[down:])
    assert "the local cloud is down" in reader.told[DOWN]
