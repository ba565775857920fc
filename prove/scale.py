"""The scale of a simulation: tables of one segment, and every stage set before the first run."""

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prove.in_place.stage import VARIANTS, in_place_stage
from prove.stage import Opening, stage
from shared.engine import runs


@contextmanager
def small_scale(openings: Iterable[Opening]) -> Iterator[None]:
    """Let every table be one segment, and set all stages now.

    Set before anything is changed in the engine, they are what the real one makes of them.
    """
    before = runs.SEGMENTS_PER_WORKER
    runs.SEGMENTS_PER_WORKER = 1
    try:
        for opening in openings:
            (in_place_stage if opening[1] in VARIANTS else stage)(*opening)
        gc.freeze()  # stages stay: what looks for garbage need not go through them
        yield
    finally:
        gc.unfreeze()
        runs.SEGMENTS_PER_WORKER = before
