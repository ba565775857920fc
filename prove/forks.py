"""Processes that share the work of a search; each begins with what its parent has built."""

import gc
from multiprocessing import get_context
from multiprocessing.pool import Pool


def forked(jobs: int) -> Pool:
    """Return so many processes, to be used in a `with`.

    What the parent holds is left out of their collections: it would be copied page by page.
    """
    return get_context("fork").Pool(jobs, initializer=gc.freeze)
