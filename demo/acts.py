"""What the acts are made of: a journey moves the migration, then everything is read back."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.endings import ExitCode
from demo.book import Book, Verdict
from demo.outage import Outage, break_v2
from demo.stage import Stage
from demo.subjects import EMPLOYEES, Subject
from demo.writers import Writers
from local.toolkit import environment
from shared.model.item import Item, decode
from shared.model.phases import Phase
from shared.model.stamp import StampNames
from shared.model.writes import Side

READERS = 4
LIMIT = 240.0
READ = 50
"""Records that are read again and again while v2 is broken."""


@dataclass(slots=True)
class Figures:
    """What was counted over the whole demo."""

    lost: int = 0
    stale: int = 0
    zombies: int = 0
    rollbacks: int = 0
    scanned: int = 0
    written: int = 0
    ambiguous: int = 0
    failed: int = 0
    excluded: int = 0
    mismatches_found: int = 0
    repaired: int = 0
    records_read_back: int = 0
    failed_reads: int = 0
    restored: int = 0
    conflicts: int = 0
    phases: list[dict[str, Any]] = field(default_factory=list)


class Play:
    """One performance: the stage, the writers, the book and what was counted so far."""

    def __init__(
        self, stage: Stage, book: Book, writers: Writers, say: Any, subject: Subject = EMPLOYEES
    ) -> None:
        self.stage = stage
        self.subject = subject
        self.book = book
        self.writers = writers
        self.say = say
        self.figures = Figures()
        self.migration = subject.migration
        self.excluded: list[str] = []

    def travel(self, machine: str, **given: Any) -> dict[str, Any]:
        """Run a state machine to its end under traffic, then count; return its output."""
        began = time.monotonic()
        before = self.book.acknowledged
        summary = self.stage.wait(self.stage.start(machine, **given), self.writers.check, LIMIT)
        seconds = time.monotonic() - began
        self._add(summary)
        phase = Phase(summary["phase"])
        self.figures.phases.append(
            {
                "machine": machine,
                "input": given,
                "status": summary["status"],
                "phase": phase.value,
                "seconds": round(seconds, 2),
                "writes_meanwhile": self.book.acknowledged - before,
            }
        )
        self.say(
            f"{machine} {summary['status']} in {phase} after {seconds:.1f} s,"
            f" {self.book.acknowledged - before} writes meanwhile"
        )
        return summary

    def roll_back(self, to: Phase) -> None:
        """Roll back under traffic; anything but arriving there ends the demo."""
        summary = self.travel("rollback", to_phase=to, reason="the demo's turn")
        if summary["status"] != "SUCCEEDED" or summary["phase"] != to:
            raise RuntimeError(f"the rollback ended as {summary}")
        self.figures.rollbacks += 1

    def report(self, summary: dict[str, Any]) -> dict[str, Any]:
        """Return the full report of a run; of a journey that was held, that of its last job."""
        document = self._document(summary["report"])
        held = str(document["facts"].get("held") or "")
        if " holds records" not in held:
            return document
        kind, run_id = held.split()[:2]
        folder = summary["report"].rpartition("/")[0]
        return self._document(f"{folder}/{kind}-{run_id}-1.json")

    def break_v2(self) -> Outage:
        """Break v2 until readers have come home by themselves, and count what failed."""
        paths = [f"{self.subject.path}/{each}" for each in self.book.untouched(READ)]
        outage = break_v2(self.stage, paths)
        self.figures.failed_reads += outage.failed
        return outage

    def approve(self, *words: str, reason: str) -> None:
        """Let a person approve or acknowledge something by the command."""
        self.command("approve", *words, "--reason", reason)

    def command(self, verb: str, *words: str) -> dict[str, Any]:
        """Give a command about the migration as a person does; return its JSON document."""
        cutover = str(Path(sys.executable).with_name("cutover"))
        done = subprocess.run(  # noqa: S603 - our own command
            [cutover, verb, self.stage.migration, *words, "--json"],
            env={**os.environ, **environment(self.stage.port)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (ExitCode.OK, ExitCode.PROBLEMS):
            raise RuntimeError(f"cutover {verb} was refused: {done.stderr}")
        return dict(json.loads(done.stdout))

    def _document(self, uri: str) -> dict[str, Any]:
        bucket, _, name = uri.removeprefix("s3://").partition("/")
        body = self.stage.client("s3").get_object(Bucket=bucket, Key=name)["Body"]
        return dict(json.load(body))

    def newest(self, kind: str) -> dict[str, Any]:
        """Return the newest report of a kind of job."""
        bucket, prefix = self.stage.outputs["ArchiveBucketName"], f"reports/{self.migration.name}/"
        listed = self.stage.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"{prefix}{kind}-")
        last = max(listed["Contents"], key=lambda each: each["LastModified"])
        return self._document(f"s3://{bucket}/{last['Key']}")

    def count(self, phase: Phase) -> None:
        """Read every record back through the API and from the tables, with the writers still."""
        self.writers.pause()
        try:
            readings = {"the API": self._api_reading(phase)}
            for side in self.subject.kept(phase):
                readings[f"{side} table"] = self._table_reading(side)
            for where, (found, ignored) in readings.items():
                self._note(where, self.book.judge(found, ignored))
        finally:
            self.writers.go_on()

    def _add(self, summary: Mapping[str, Any]) -> None:
        figures = self.figures
        for name in ("scanned", "written", "ambiguous", "failed", "excluded", "repaired"):
            setattr(figures, name, getattr(figures, name) + int(summary[name]))
        figures.mismatches_found += int(summary["mismatched"])

    def _note(self, where: str, verdict: Verdict) -> None:
        figures = self.figures
        figures.lost += len(verdict.lost)
        figures.stale += len(verdict.stale)
        figures.zombies += len(verdict.zombies)
        figures.records_read_back += verdict.read
        if not verdict.clean:
            self.say(
                f"{where}: lost {verdict.lost[:5]} stale {verdict.stale[:5]}"
                f" zombies {verdict.zombies[:5]}"
            )

    def _api_reading(self, phase: Phase) -> tuple[dict[str, Item | None], frozenset[str]]:
        token = self.stage.token()

        def read(record_id: str) -> tuple[str, Item | None]:
            while True:
                answer = self.stage.call("GET", f"{self.subject.path}/{record_id}", token)
                if answer.status in (200, 404):
                    return record_id, answer.body if answer.status == 200 else None
                time.sleep(0.2)  # 503: the phase lease is being renewed

        with ThreadPoolExecutor(READERS) as pool:
            found = dict(pool.map(read, self.book.ids()))
        return found, self._ignored(phase.primary)

    def _table_reading(self, side: Side) -> tuple[dict[str, Item | None], frozenset[str]]:
        declared = self.migration.tables[side]
        pages = self.stage.client("dynamodb").get_paginator("scan")
        found: dict[str, Item | None] = {}
        for page in pages.paginate(TableName=declared.name, ConsistentRead=True):
            for stored in page["Items"]:
                shown = self.subject.shown(side, decode(stored))
                found[str(shown[self.subject.id_field])] = shown
        return found, self._ignored(side)

    def _ignored(self, side: Side) -> frozenset[str]:
        """Return the fields a reading cannot show: keys, stamps, and in v1 what only v2 has."""
        always = frozenset({*self.migration.source.keys.names, *StampNames().all})
        return always | (self.subject.target_only if side is Side.SOURCE else frozenset())
