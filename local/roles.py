"""The roles a token may carry, which are the scopes that the deployed APIs ask for."""

from __future__ import annotations

from typing import Literal

Role = Literal["viewer", "operator", "approver", "user"]
