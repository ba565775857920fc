"""The control items in a small table of their own (the port `Control`).

The table's key is `migration`; the state's fields are its attributes (shared/aws/records.py).
Nothing is ever deleted from it.
"""

from typing import Any

from shared.aws import expressions
from shared.aws.dynamodb_rows import Rows
from shared.aws.ledger_layout import audit_item
from shared.aws.records import from_item, to_item
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import ConditionFailed, InvalidInput, Superseded
from shared.model.writes import Condition, Either, Equals, Missing
from shared.ports import Clock


class ControlTable:
    """The control table; audit entries go to the ledger's table in the same transaction."""

    def __init__(self, dynamodb: Any, table: str, ledger_table: str, clock: Clock) -> None:
        self._rows = Rows(dynamodb, table, clock)
        self._ledger_table = ledger_table

    def read(self, migration: str) -> ControlState:
        """Return the state by a strongly consistent read; a migration never begun is OFF."""
        item = self._rows.get({"migration": migration})
        return ControlState(migration) if item is None else from_item(ControlState, item)

    def write(self, state: ControlState, replaces: int, audit: AuditEntry) -> None:
        """Store a state over the revision it replaces, with its audit entry, or neither."""
        if state.revision != replaces + 1:
            raise InvalidInput(
                f"revision {state.revision} does not follow {replaces}", field="revision"
            )
        unchanged: Condition = Equals("revision", replaces)
        if replaces == 0:
            unchanged = Either((Missing("migration"), unchanged))
        try:
            self._rows.together(
                {"Put": expressions.put(self._rows.table, to_item(state), unchanged)},
                {"Put": expressions.put(self._ledger_table, audit_item(audit))},
            )
        except ConditionFailed as error:
            raise Superseded(
                f"{state.migration} was changed by somebody else since revision {replaces}",
                mend="look at its status and audit log, then decide again",
            ) from error
