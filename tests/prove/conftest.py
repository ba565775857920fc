"""Stages on which scenarios begin, set once."""

from collections.abc import Iterator

import pytest

from prove.scale import small_scale
from prove.teeth import stages as every_stage


@pytest.fixture(scope="package", autouse=True)
def stages() -> Iterator[None]:
    """Set all stages, and let tables be one segment meanwhile."""
    with small_scale(every_stage()):
        yield
