"""What the functions and machines of one migration's stack have in common."""

from dataclasses import dataclass

from infra.constructs.book_access import BookAccess
from infra.constructs.runtime_code import RuntimeCode
from infra.constructs.sync_access import SyncAccess
from infra.constructs.table_access import TableAccess
from infra.names import Names, Place
from shared.model.declaration import TableToTable
from shared.model.environment import Environment


@dataclass(frozen=True)
class Deployment:
    """One migration in one place, and the code that its functions run."""

    migration: TableToTable
    environment: Environment
    place: Place
    runtime: RuntimeCode

    @property
    def names(self) -> Names:
        """Return the names of this migration's functions and machines."""
        return Names(self.migration.name, self.place)

    @property
    def tables(self) -> TableAccess:
        """Return the grants on this migration's tables."""
        return TableAccess(self.migration, self.environment, self.place)

    @property
    def books(self) -> BookAccess:
        """Return the grants on the engine's books."""
        return BookAccess(self.migration.name, self.place)

    @property
    def syncs(self) -> SyncAccess:
        """Return the grants on this migration's queue of records that lag."""
        return SyncAccess(self.migration, self.names)
