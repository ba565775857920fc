"""An operator's shell: the command `cutover` as a person types it, against what is deployed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.toolkit import environment
from tests.e2e.cloud import Cloud

CUTOVER = Path(sys.executable).with_name("cutover")


@dataclass(frozen=True)
class Typed:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Return what it printed as JSON."""
        return dict(json.loads(self.out))


@dataclass(frozen=True)
class Watching:
    """A command that goes on by itself until what it follows has ended."""

    process: subprocess.Popen[str]

    def end(self) -> Typed:
        """Return what it printed, once it is over."""
        out, err = self.process.communicate(timeout=180)
        return Typed(self.process.returncode, out, err)


@dataclass(frozen=True)
class Terminal:
    """A shell whose environment names the local cloud."""

    cloud: Cloud

    def begin(self, *words: str) -> Watching:
        """Type a command, and do something else meanwhile."""
        running = self.cloud.places.running()
        assert running is not None
        own = {name: each for name, each in os.environ.items() if not name.startswith("AWS_")}
        process = subprocess.Popen(
            [CUTOVER, *words],
            env=own | environment(running.port),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return Watching(process)

    def type(self, *words: str) -> Typed:
        """Type a command and wait for its end."""
        return self.begin(*words).end()

    def json(self, *words: str, exits: int = 0) -> dict[str, Any]:
        """Type a command, and return its answer; fail when it exits otherwise."""
        typed = self.type(*words, "--json")
        assert typed.code == exits, typed
        return typed.document

    def doctor(self) -> dict[str, Any]:
        """Return what doctor finds, whether that is something or nothing."""
        return self.type("doctor", "personnel", "--json").document
