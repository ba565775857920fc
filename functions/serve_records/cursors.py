"""Cursors of lists as callers hold them: opaque, and signed so that nobody can make one up."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from shared.model.errors import InvalidInput

_SIGNATURE_BYTES = hashlib.sha256().digest_size
_ALPHABET = b"-_"


class Cursors:
    """Signs and reads cursors with a secret, which is asked for when it is needed."""

    def __init__(self, secret: Callable[[], str]) -> None:
        self._secret = secret

    def sign(self, place: Mapping[str, Any]) -> str:
        """Return where a list goes on as text for a URL."""
        content = json.dumps(place, separators=(",", ":"), sort_keys=True).encode()
        signed = self._signature(content) + content
        return base64.b64encode(signed, _ALPHABET).decode().rstrip("=")

    def read(self, text: str) -> dict[str, Any]:
        """Return where a list goes on; raise InvalidInput unless this API signed the text."""
        try:
            signed = base64.b64decode(text + "=" * (-len(text) % 4), _ALPHABET, validate=True)
        except ValueError as error:
            raise _refused() from error
        signature, content = signed[:_SIGNATURE_BYTES], signed[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(content)):
            raise _refused()
        place: dict[str, Any] = json.loads(content)
        return place

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._secret().encode(), content, hashlib.sha256)


def _refused() -> InvalidInput:
    return InvalidInput(
        "the cursor is not one that this API gave out",
        field="cursor",
        mend="begin the list again without a cursor",
    )
