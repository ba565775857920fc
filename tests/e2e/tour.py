"""A tour of all phases under traffic: forward, back from each, and at last to the end."""

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from demo.acts import Play
from demo.book import Book
from demo.writers import Writers
from migrations.personnel.migration import MIGRATION
from migrations.personnel.sample import generate
from shared.model.item import encode
from shared.model.phases import Phase
from tests.e2e.cloud import Cloud, eventually

SEED = 4
COUNT = 60
WRITERS = 2
ENOUGH = 8
"""Acknowledged writes that are awaited before and after each rollback."""

LEGS = (
    (Phase.DUAL_WRITE, Phase.OFF),
    (Phase.VALIDATE, Phase.DUAL_WRITE),
    (Phase.SHADOW_READ, Phase.VALIDATE),
    (Phase.READ_N, Phase.SHADOW_READ),
    (Phase.READ_V2, Phase.READ_N),
    (Phase.WRITE_V2_ONLY, Phase.DUAL_WRITE),
    (Phase.ARCHIVED, Phase.OFF),
)
"""From each phase before DECOMMISSIONED, and where to: so that the way forward stays short."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One rollback: the outputs there and back, writes meanwhile, and what was then missing."""

    there: dict[str, Any]
    back: dict[str, Any]
    writes_during: int
    read_back: int
    faults: tuple[int, int, int]


class Tour:
    """The tour and what it has shown so far."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.book = Book(MIGRATION.target_only)
        self.writers = Writers(cloud, self.book, WRITERS, SEED)
        self.play = Play(cloud, self.book, self.writers, print)
        self.turns: dict[Phase, Turn] = {}
        self.refusal = ""
        self.end: dict[str, Any] = {}

    def perform(self) -> None:
        """Fill v1, then go through all legs and to the end, never letting the writers rest."""
        records = generate(SEED, COUNT)
        for item in records:
            image = MIGRATION.up(item)
            self.book.seed(str(image["employee_id"]), image)
        self.cloud.put(self.cloud.v1, records)
        self.writers.start()
        try:
            for start, end in LEGS:
                self.turns[start] = self._turn(start, end)
            self.end = self._travel("migrate", until=Phase.DECOMMISSIONED)
            self._await_writes()
            self.play.count(Phase.DECOMMISSIONED)
        finally:
            self.writers.stop()
        self.writers.check()

    @property
    def faults(self) -> tuple[int, int, int]:
        """Return how many records were lost, stale and back from the dead so far."""
        figures = self.play.figures
        return figures.lost, figures.stale, figures.zombies

    def _turn(self, start: Phase, end: Phase) -> Turn:
        there = self._travel("migrate", until=start)
        self.writers.v2_only = start.order >= Phase.READ_V2.order
        self._await_writes()
        self.writers.v2_only = False
        if start is Phase.ARCHIVED:
            self.refusal = self._put_past_the_wrapper()
        back = self._travel("rollback", to_phase=end, reason="its turn")
        during = int(self.play.figures.phases[-1]["writes_meanwhile"])
        self._await_writes()
        before = self.faults
        read = self.play.figures.records_read_back
        self.play.count(end)
        faults = tuple(now - then for now, then in zip(self.faults, before, strict=True))
        read_back = self.play.figures.records_read_back - read
        return Turn(there, back, during, read_back, (faults[0], faults[1], faults[2]))

    def _travel(self, machine: str, **given: Any) -> dict[str, Any]:
        if machine == "migrate":
            given |= {"approve": "auto", "ramp": [50, 100]}
        return self.play.travel(machine, **given)

    def _await_writes(self) -> None:
        before = self.book.acknowledged

        def enough() -> bool:
            self.writers.check()
            return self.book.acknowledged >= before + ENOUGH

        eventually(enough)

    def _put_past_the_wrapper(self) -> str:
        """Put an item into v1 as code outside the wrapper would; return the error's code."""
        item = {"PK": "EMPLOYEE#outsider", "SK": "PROFILE"}
        try:
            self.cloud.client("dynamodb").put_item(TableName=self.cloud.v1, Item=encode(item))
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "it was taken"
