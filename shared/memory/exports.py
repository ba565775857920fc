"""Exports of a table in RAM (the port `Exports`)."""

import hashlib
from dataclasses import dataclass

from shared.memory.store import MemoryStore
from shared.model.errors import Refused
from shared.model.item import canonical
from shared.model.writes import Side
from shared.ports import Clock, ExportProof, ExportStatus


@dataclass
class MemoryExport:
    """One export: its lines as they were written, and what its manifest says of them."""

    arn: str
    prefix: str
    ends_at: float
    lines: list[str]
    counted: int
    checksum: str
    failure: str = ""


class MemoryExports:
    """Exports that take `seconds` each; tests may fail them or tamper with their contents."""

    def __init__(self, store: MemoryStore, clock: Clock, seconds: float = 0.0) -> None:
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self._by_token: dict[str, str] = {}
        self.exports: dict[str, MemoryExport] = {}

    def start(self, side: Side, prefix: str, token: str) -> str:
        """Begin an export under a prefix and return its ARN; a token starts it once."""
        with self._store.lock:
            if token in self._by_token:
                return self._by_token[token]
            table = self._store.table(side)
            arn = f"{table.describe().arn}/export/{len(self.exports) + 1:014d}"
            lines = [repr(canonical(item)) for item in self._store.items(side)]
            ends_at = self._clock.wall() + self._seconds
            self.exports[arn] = MemoryExport(
                arn, prefix, ends_at, lines, len(lines), _checksum(lines)
            )
            self._by_token[token] = arn
            return arn

    def status(self, arn: str) -> tuple[ExportStatus, str]:
        """Return how far an export is, and why it failed."""
        export = self._export(arn)
        if export.failure:
            return ExportStatus.FAILED, export.failure
        if self._clock.wall() < export.ends_at:
            return ExportStatus.IN_PROGRESS, ""
        return ExportStatus.COMPLETED, ""

    def verify(self, arn: str) -> ExportProof:
        """Read an export back and compare its count and checksum."""
        export = self._export(arn)
        status, _ = self.status(arn)
        if status is not ExportStatus.COMPLETED:
            raise Refused(f"export {arn} is {status}; only a complete one can be verified")
        if _checksum(export.lines) != export.checksum:
            raise Refused(f"export {arn}: a data file's checksum differs from the manifest's")
        if len(export.lines) != export.counted:
            raise Refused(f"export {arn}: {len(export.lines)} items, manifest {export.counted}")
        stored = sum(len(line) for line in export.lines)
        return ExportProof(arn, len(export.lines), 1, stored, f"memory://{export.prefix}/manifest")

    def _export(self, arn: str) -> MemoryExport:
        try:
            return self.exports[arn]
        except KeyError:
            raise Refused(f"there is no export {arn}") from None


def _checksum(lines: list[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
