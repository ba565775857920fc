"""The one way moto is changed: a function of its classes is replaced by ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def replace(owner: type, name: str, make: Callable[[Any], Any]) -> None:
    """Put `make(what was there)` in a class; raises AttributeError when moto has moved it."""
    setattr(owner, name, make(getattr(owner, name)))
