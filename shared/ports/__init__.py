"""What the engine needs from the world, as protocols named by role.

`shared.memory` and `shared.aws` implement them; one contract suite runs over both. Every
call may raise a StoreError (shared/model/errors.py) and is a point where a simulation may
switch to another actor.
"""

from shared.ports.ledger import (
    Control,
    Ledger,
)
from shared.ports.surroundings import (
    Alarms,
    Archive,
    Clock,
    DeadLetters,
    Executions,
    Ids,
    KeyQueue,
    Measurements,
    Notifications,
    Snapshots,
)
from shared.ports.tables import (
    RECOVERY,
    STREAM,
    ExportProof,
    Exports,
    ExportStatus,
    IndexDescription,
    Insert,
    InsertOutcome,
    InsertResult,
    Page,
    References,
    TableAdministration,
    TableDescription,
    Tables,
)

__all__ = [
    "RECOVERY",
    "STREAM",
    "Alarms",
    "Archive",
    "Clock",
    "Control",
    "DeadLetters",
    "Executions",
    "ExportProof",
    "ExportStatus",
    "Exports",
    "Ids",
    "IndexDescription",
    "Insert",
    "InsertOutcome",
    "InsertResult",
    "KeyQueue",
    "Ledger",
    "Measurements",
    "Notifications",
    "Page",
    "References",
    "Snapshots",
    "TableAdministration",
    "TableDescription",
    "Tables",
]
