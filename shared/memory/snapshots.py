"""Snapshots in RAM (the port `Snapshots`)."""

import json
from typing import Any

from shared.model.errors import NotFound


class MemorySnapshots:
    """Documents by name, kept as JSON text so that they come back as a store returns them."""

    def __init__(self) -> None:
        self.documents: dict[str, str] = {}

    def copy(self) -> "MemorySnapshots":
        """Return snapshots of their own that are the same."""
        copy = MemorySnapshots()
        copy.documents = dict(self.documents)
        return copy

    def store(self, name: str, document: Any) -> None:
        """Store a JSON document under a name that was never used before."""
        self.documents[name] = json.dumps(document, ensure_ascii=False, allow_nan=False)

    def load(self, name: str) -> Any:
        """Return the document of a name."""
        if name not in self.documents:
            raise NotFound(f"there is no snapshot {name}")
        return json.loads(self.documents[name])
