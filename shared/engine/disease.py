"""What can be the matter with a migration, and a case as doctor finds it."""

import time
from dataclasses import dataclass
from enum import StrEnum

from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.runs import Run


class Disease(StrEnum):
    """What can be the matter."""

    HALF_DONE = "half_done_transition"
    STUCK_APPROVAL = "stuck_approval"
    LOST_WORKER = "lost_worker"
    SILENT_WORKER = "silent_worker"
    STALE_LOCK = "stale_lock"
    STALE_LEASE = "stale_worker_lease"
    WRITES_DENIED = "writes_denied"
    WRITES_OPEN = "writes_open"
    OTHER_TABLE = "other_table"
    CHANGED_TRANSFORM = "changed_transform"
    UNACKNOWLEDGED_ALARM = "unacknowledged_alarm"
    LATE_STREAMS = "late_streams"
    VOID_CERTIFICATE = "void_certificate"
    DEAD_LETTERS = "dead_letters"
    NOT_EXAMINED = "not_examined"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that is wrong: what, how one can tell, its mend, and whether doctor can do it.

    `subject` is the run or lock that it is about.
    """

    disease: Disease
    what: str
    evidence: tuple[str, ...]
    mend: str
    mendable: bool
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A migration as it was found: its state and its newest runs."""

    world: World
    state: ControlState
    runs: list[Run]

    @property
    def name(self) -> str:
        """Return the migration's name."""
        return self.state.migration

    @property
    def now(self) -> float:
        """Return the time."""
        return self.world.clock.wall()


def moment(at: float) -> str:
    """Return epoch seconds as an operator reads them."""
    return time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(at))
