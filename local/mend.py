"""The one way this package changes moto: by replacing a named attribute that must exist."""

from __future__ import annotations

from typing import Any


def replace(owner: Any, name: str, replacement: Any) -> None:
    """Put `replacement` in the place of `owner.name`; raises AttributeError when moto lost it.

    A mend of something that is gone would be silence where a fault is expected.
    """
    getattr(owner, name)
    setattr(owner, name, replacement)
