"""Stages on which scenarios begin, set once."""

from collections.abc import Iterator

import pytest

from prove.search import openings
from prove.stage import small_scale


@pytest.fixture(scope="package", autouse=True)
def stages() -> Iterator[None]:
    """Set all stages, and let tables be one segment meanwhile."""
    with small_scale(openings()):
        yield
