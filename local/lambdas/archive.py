"""Deployed code archives, laid out once per digest where workers import from."""

from __future__ import annotations

import io
import shutil
import threading
import zipfile
from pathlib import Path

_one_at_a_time = threading.Lock()


def laid_out(archive: bytes, digest: str, under: Path) -> Path:
    """Extract `archive` below `under` unless its digest is there already, and give the folder.

    A crash half-way leaves a folder that is never read: the finished one is renamed into place.
    """
    folder = under / digest.replace("/", "_").replace("+", "-").rstrip("=")
    with _one_at_a_time:
        if folder.exists():
            return folder
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            files.extractall(unfinished)
        unfinished.rename(folder)
    return folder
