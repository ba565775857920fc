"""What the functions and machines of one migration's stack have in common."""

from dataclasses import dataclass

from infra.constructs.archive_access import ArchiveAccess
from infra.constructs.book_access import BookAccess
from infra.constructs.runtime_code import RuntimeCode
from infra.constructs.sync_access import SyncAccess
from infra.constructs.table_access import TableAccess
from infra.kinds import Kind, kind_of
from infra.names import Names, Place
from shared.model.declaration import Migration
from shared.model.environment import Environment


@dataclass(frozen=True)
class Deployment:
    """One migration in one place, and the code that its functions run."""

    migration: Migration
    environment: Environment
    place: Place
    runtime: RuntimeCode

    @property
    def names(self) -> Names:
        """Return the names of this migration's functions and machines."""
        return Names(self.migration.name, self.place)

    @property
    def kind(self) -> Kind:
        """Return what this migration's kind is made of."""
        return kind_of(self.migration, self.environment)

    @property
    def tables(self) -> TableAccess:
        """Return the grants on this migration's tables."""
        return TableAccess(self.migration, self.environment, self.place, self.kind.reference)

    @property
    def books(self) -> BookAccess:
        """Return the grants on the engine's books."""
        return BookAccess(self.migration.name, self.place)

    @property
    def archive(self) -> ArchiveAccess:
        """Return the grants on this migration's part of the archive."""
        return ArchiveAccess(self.migration.name, self.place)

    @property
    def syncs(self) -> SyncAccess:
        """Return the grants on this migration's queue of records that lag."""
        return SyncAccess(self.migration, self.names)
