"""Objects that are gone are freed: moto keeps every model object it ever made, for its reset page.

A server that runs for a week would otherwise hold each overwritten S3 object and deleted stack.
"""

from __future__ import annotations

from typing import Any

from moto.core.common_models import BaseModel

from local.mend import replace


def install() -> None:
    """Make objects without noting them down; this server is never reset but by being restarted."""

    def make(cls: type[Any], *_arguments: Any, **_options: Any) -> Any:
        return object.__new__(cls)

    replace(BaseModel, "__new__", make)
