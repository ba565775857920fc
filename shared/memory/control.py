"""Control items in RAM (the port `Control`)."""

from threading import RLock

from shared.memory.ledger import MemoryLedger
from shared.model.control import AuditEntry, ControlState
from shared.model.errors import InvalidInput, Superseded


class MemoryControl:
    """One control item per migration; its audit entries go to the ledger."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self._lock = RLock()
        self._ledger = ledger
        self._states: dict[str, ControlState] = {}

    def copy(self, ledger: MemoryLedger) -> "MemoryControl":
        """Return control items of their own in the same state, with another ledger."""
        copy = MemoryControl(ledger)
        copy._states = dict(self._states)
        return copy

    def read(self, migration: str) -> ControlState:
        """Return the state; a migration never begun is OFF."""
        with self._lock:
            return self._states.get(migration, ControlState(migration))

    def write(self, state: ControlState, replaces: int, audit: AuditEntry) -> None:
        """Store a state over the revision it replaces, with its audit entry, or neither."""
        if state.revision != replaces + 1:
            raise InvalidInput(
                f"revision {state.revision} does not follow {replaces}", field="revision"
            )
        with self._lock:
            stored = self.read(state.migration)
            if stored.revision != replaces:
                raise Superseded(
                    f"{state.migration} was changed by somebody else: revision {stored.revision}, "
                    f"expected {replaces}",
                    mend="look at its status and audit log, then decide again",
                )
            self._states[state.migration] = state
            self._ledger.record(audit)
