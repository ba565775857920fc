"""Every error the engine raises, in one tree.

CutoverError
├── InvalidInput            a field of a request, record or declaration is wrong
├── NotFound                the record is absent
├── AlreadyExists           a record is already stored under this key
├── VersionConflict         the caller's If-Match names an older version
├── NotInPhase              the current phase cannot hold what was asked
├── RecordHeld              the record is excluded, or cannot be expressed in v2
├── PageExpired             a list's cursor can no longer be finished where it began
├── LeaseLost               the phase is not known for certain: fail closed
├── GuardRefused            a move or a run is not allowed yet
│   ├── Superseded          somebody else moved the migration on
│   └── Outdated            the record that a person decided on has changed since it was shown
├── AlreadyRunning          another run holds the lock
├── WorkerFailed            a segment did not finish
└── StoreError              what a store answered
    ├── ConditionFailed     a condition of a write did not hold
    ├── Contended           another transaction holds an item
    ├── Throttled           the table asks for less traffic
    ├── Refused             the store will never take this request
    ├── TableGone           the table is missing, being deleted, or another one by that name
    └── OutcomeUnknown      the answer was lost: the write may have taken effect
"""


class CutoverError(Exception):
    """The base of every error; `message` says what is wrong and `mend` what to do about it.

    Neither names a record, as a function's log has them: `key` does, which stays out of logs.
    """

    code = "error"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        key: str | None = None,
        run_id: str | None = None,
        mend: str | None = None,
        report: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.key = key
        self.run_id = run_id
        self.mend = mend
        self.report = report


class InvalidInput(CutoverError):
    """A field of a request, a record or a declaration is wrong."""

    code = "invalid_input"


class NotFound(CutoverError):
    """The record is absent."""

    code = "not_found"


class AlreadyExists(CutoverError):
    """A record is already stored under this key."""

    code = "already_exists"


class VersionConflict(CutoverError):
    """The caller expected another version of the record."""

    code = "version_conflict"


class NotInPhase(CutoverError):
    """The current phase cannot hold what was asked."""

    code = "not_in_phase"


class RecordHeld(CutoverError):
    """The record is excluded from the migration, or has no form in v2."""

    code = "record_held"


class PageExpired(CutoverError):
    """A list's cursor can no longer be finished on the table where it began."""

    code = "page_expired"


class LeaseLost(CutoverError):
    """The phase is not known for certain, or an operation outlived its time."""

    code = "lease_lost"


class GuardRefused(CutoverError):
    """A move or a run is not allowed yet; `missing` lists each guard that does not hold."""

    code = "guard_refused"

    def __init__(
        self,
        message: str,
        *,
        missing: tuple[str, ...] = (),
        field: str | None = None,
        run_id: str | None = None,
        mend: str | None = None,
    ) -> None:
        super().__init__(message, field=field, run_id=run_id, mend=mend)
        self.missing = missing


class Superseded(GuardRefused):
    """Somebody else moved the migration on since this caller looked."""

    code = "superseded"


class Outdated(GuardRefused):
    """The record that a person decided on has changed since it was shown."""

    code = "outdated"


class AlreadyRunning(CutoverError):
    """Another run holds the lock; `run_id` names it."""

    code = "already_running"


class WorkerFailed(CutoverError):
    """A segment of a run did not finish."""

    code = "worker_failed"


class StoreError(CutoverError):
    """What a store answered; raised by adapters, handled by the engine."""

    code = "store_error"


class ConditionFailed(StoreError):
    """A condition did not hold; `failed` has the positions of the refused actions."""

    code = "condition_failed"

    def __init__(self, message: str, *, failed: tuple[int, ...] = (0,)) -> None:
        super().__init__(message)
        self.failed = failed


class Contended(StoreError):
    """Another transaction holds an item of this one; nothing was written."""

    code = "contended"


class Throttled(StoreError):
    """The table asks for less traffic; nothing was written."""

    code = "throttled"


class Refused(StoreError):
    """The store will never take this request as it is; nothing was written."""

    code = "refused"


class TableGone(StoreError):
    """The table is missing, being deleted, or another one under the same name."""

    code = "table_gone"


class OutcomeUnknown(StoreError):
    """The answer was lost: the write may or may not have taken effect."""

    code = "outcome_unknown"
