"""Tests that share something costly (a deployment, a server, templates) run in one process.

`make test` runs processes side by side (pytest-xdist, `--dist loadgroup`): each group of tests
goes to one of them as a whole, all others to whichever is free.
"""

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
TOGETHER = frozenset({"contract", "docs", "e2e", "infra", "local", "prove"})


@pytest.hookimpl(tryfirst=True)  # the groups are read by another such hook, of pytest-xdist
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name the group of each test by the folder that it lies in."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(folder))
