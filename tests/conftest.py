"""Tests that share something costly (a deployment, a server, templates) run in one process.

`make test` runs two processes side by side (pytest-xdist): each folder named here goes to one of
them as a whole, all other tests file by file to whichever is free.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

TOGETHER = frozenset({"contract", "docs", "e2e", "infra", "local", "prove"})

ALONE = frozenset(
    f"tests/e2e/test_{module}.py"
    for module in (
        "adding",
        "adoption",
        "availability_first",
        "in_place",
        "in_place_alarm",
        "review",
    )
)
"""Files of these folders that share nothing: each brings up a local cloud of its own."""


class ByFolder(LoadScopeScheduling):
    """Keeps together what shares something."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.split("/")[1]
        return folder if folder in TOGETHER and file not in ALONE else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFolder:
    """Return what says which process does which tests next."""
    return ByFolder(config, log)
