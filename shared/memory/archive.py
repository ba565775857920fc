"""Documents in RAM (the port `Archive`)."""

import json
from typing import Any

from shared.model.errors import InvalidInput

PLACE = "memory://archive/"


class MemoryArchive:
    """Documents by URI, kept as JSON text so that they come back as a store returns them."""

    def __init__(self) -> None:
        self.documents: dict[str, str] = {}

    def copy(self) -> "MemoryArchive":
        """Return an archive of its own with the same documents."""
        copy = MemoryArchive()
        copy.documents = dict(self.documents)
        return copy

    def holds(self, uri: str, prefix: str) -> bool:
        """Tell whether a URI names something of this archive whose name begins so."""
        return uri.startswith(PLACE + prefix)

    def store(self, name: str, document: Any) -> str:
        """Store a JSON document and return its URI."""
        uri = PLACE + name
        self.documents[uri] = json.dumps(document, ensure_ascii=False, allow_nan=False)
        return uri

    def load(self, uri: str) -> Any:
        """Return the JSON document at a URI."""
        try:
            return json.loads(self.documents[uri])
        except KeyError:
            raise InvalidInput(f"there is no document at {uri}", field="uri") from None
        except ValueError as error:
            raise InvalidInput(f"{uri} is not JSON: {error}", field="uri") from error
