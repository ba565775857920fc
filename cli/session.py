"""What one command works with: the cloud it names first, the screen, and who asks."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import typer
from rich.console import RenderableType

from cli.cloud import Cloud, Connect, connect
from cli.deployed import Code
from cli.screen import Screen
from cli.times import span
from shared import catalogue
from shared.aws.server_time import ServerClock
from shared.engine.world import World
from shared.model.errors import StoreError
from shared.ports import Clock

WORTH_TELLING = 2.0
"""Seconds that a machine's clock may be wrong without a word."""


@dataclass
class Session:
    """One command's run; the cloud is asked for only once its name and input are checked."""

    connect: Connect
    local: bool
    as_json: bool
    screen: Screen = field(default_factory=Screen)
    _clocks: list[Clock] = field(default_factory=list)

    @cached_property
    def cloud(self) -> Cloud:
        """Return the cloud, having printed which one it is."""
        cloud = self.connect(self.local)
        self.screen.note(f"target: {cloud.target.text}")
        return cloud

    def world(self, migration: str) -> World:
        """Return a migration's world; an unknown name is refused before anything is asked."""
        catalogue.load(migration)
        world = self.cloud.world(migration)
        self._clocks.append(world.clock)
        return world

    def deployed_world(self, migration: str) -> tuple[World, Code]:
        """Return a migration's world as its functions see it, and whether this checkout is theirs.

        What was proven, and what is pinned, is judged by the code that is deployed.
        """
        world = self.world(migration)
        try:
            code = Code(migration, world.digest, self.cloud.deployed(migration))
        except StoreError as error:
            code = Code(migration, world.digest, {}, error.message)
        return replace(world, digest=code.deployed or world.digest), code

    @property
    def actor(self) -> str:
        """Return who the audit log will name."""
        return self.cloud.target.caller

    def answer(self, document: Any, *views: RenderableType) -> None:
        """Print the result: the document for programs, or the views for people."""
        if self.as_json:
            self.screen.document(document)
        else:
            self.screen.show(*views)
        self._warn_of_clock()

    def _warn_of_clock(self) -> None:
        """Say that this machine's clock is wrong; all times are AWS's all the same."""
        clock = next((each for each in self._clocks if isinstance(each, ServerClock)), None)
        if clock is not None and abs(clock.offset) >= WORTH_TELLING:
            side = "behind" if clock.offset > 0 else "ahead of"
            self.screen.note(
                f"this machine's clock is {span(abs(clock.offset))} {side} AWS's:"
                " times here are AWS's, to within a second"
            )


def open_session(ctx: typer.Context, *, as_json: bool, local: bool) -> Session:
    """Return the session of a command; tests put a `Connect` of their own into the context."""
    return Session(ctx.obj or connect, local, as_json)
