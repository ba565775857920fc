"""The DynamoDB of the local cloud: moto's tables, with item operations that behave as on AWS.

`install()` must be called once in the moto server's process before it starts. Tables, backups,
exports and policies stay moto's, mended where they fall short; everything that touches items is
answered by this package, from its own storage.
"""

from __future__ import annotations

import importlib
import threading

_lock = threading.Lock()
_installed = False


def install() -> None:
    """Mend moto's DynamoDB in this process; a second call does nothing."""
    global _installed
    with _lock:
        if _installed:
            return
        # Imported here: importing moto takes a second that nobody else should pay.
        for part in ("tables", "description", "indexing", "policies", "insights", "templates",
                     "exports", "door"):  # fmt: skip
            importlib.import_module(f"{__name__}.{part}").install()
        _installed = True
