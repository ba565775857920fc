"""What goes wrong with one record of a batch: told without its text, counted, brought again."""

from collections.abc import Iterator
from contextlib import contextmanager

from functions.entry import count, log_crash, logger
from shared.model.errors import CutoverError, TableGone


@contextmanager
def failing(what: str, metric: str) -> Iterator[None]:
    """Log and count what fails inside, and raise it again, so that its record is brought again."""
    try:
        yield
    except CutoverError as error:
        # its text may name a record's key, so only its class goes to logs
        logger().warning(what, error=type(error).__name__, field=error.field)
        count(metric)
        raise
    except Exception as error:
        log_crash(what, error)
        count(metric)
        raise


@contextmanager
def comparing(metric: str) -> Iterator[None]:
    """Do the same for a comparison of both tables, which ends well where one of them is gone."""
    with failing("not compared", metric):
        try:
            yield
        except TableGone:
            # all actors stop by themselves (rule 11): there is no pair to compare any more
            logger().error("a table is gone, or another one than the migration began with")
