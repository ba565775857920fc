"""What things are called in each kind of migration."""

from dataclasses import dataclass

from shared.model.control import ControlState
from shared.model.declaration import Migration
from shared.model.in_place import InPlace
from shared.model.phases import Phase


@dataclass(frozen=True, slots=True)
class Words:
    """What the ramp moves (`reads`, which is its verb too) and where to, and the tables.

    `checked` is what a validation does to a record, `written` the table that a backfill writes.
    """

    what: str
    where: str
    tables: str
    checked: str
    written: str
    takes: str


_PAIRED = Words(
    what="reads",
    where="on v2",
    tables="both tables are as they",
    checked="compared",
    written="v2",
    takes="a new table takes",
)
_IN_PLACE = Words(
    what="writes",
    where="in the new shape",
    tables="the table is as it",
    checked="looked at",
    written="the table",
    takes="even a table without traffic takes",
)


def words(migration: Migration) -> Words:
    """Return the words for a migration of its kind."""
    return _IN_PLACE if isinstance(migration, InPlace) else _PAIRED


def ramp(migration: Migration) -> Phase:
    """Return the phase that is entered a share at a time."""
    return next(phase for phase in migration.way if phase.ramped)


def share_text(migration: Migration, state: ControlState) -> str:
    """Return the share in words, such as `10 % of reads on v2`."""
    return f"{state.percent} % of {migration.ramps}"
