"""What is decided about a migration at one moment: the control item and the certificate on it."""

from dataclasses import dataclass, replace

from shared.model.environment import Timing
from shared.model.figures import Figures
from shared.model.phases import CERTIFIED, Phase

PROTOCOL = 1
"""The protocol version this code implements; a writer refuses any other."""


NEVER_UPGRADED = "never upgraded"
"""Stands for the run after which no record was in the new shape, while none ever was."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Proof that both tables agreed during one complete pass; times are epoch seconds.

    `excluded` records were left out: those of the control item's set, whose change voids it.
    """

    run_id: str
    began_at: float
    granted_at: float
    epoch: int
    phase: Phase
    digest: str
    protocol: int
    scanned: int
    repaired: int
    excluded: int
    report: str

    def fresh(self, now: float, age: float, digest: str) -> bool:
        """Tell whether it is young enough and speaks of the transform in use."""
        current = self.protocol == PROTOCOL and self.digest == digest
        return current and 0 <= now - self.began_at <= age


@dataclass(frozen=True, slots=True)
class Hold:
    """An alarm that went off in a watched phase: nothing goes forward until a person looked.

    `event` is the id of the alarm's event, `answer` what was begun because of it; `since` is in
    epoch seconds.
    """

    alarm: str
    event: str
    since: float
    phase: Phase
    answer: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ControlState:
    """The control item: the phase, since when, and what was proven; times are epoch seconds.

    `mover` is the journey that made the last move (None: a person, by hand).
    `epoch` grows with every move and `revision` with every write of the item. `group_since` is
    when the class of phases changed last, `previous` the phase it changed from. `working` is
    the run whose workers may write; `quiet_since` is when the last such run ended. Until
    `late_until` the tripwire counts as behind, unless it falls behind again. `hold` is the alarm
    that nobody has acknowledged yet, `answered` the time of the newest one dealt with. `baseline`
    is what callers saw before the migration last left OFF. `restored` is the run after which no
    record was in the new shape, or `NEVER_UPGRADED`. `releaser` is who has `released` the
    excluded records.
    """

    migration: str
    phase: Phase = Phase.OFF
    percent: int = 0
    epoch: int = 0
    revision: int = 0
    mover: str | None = None
    previous: Phase = Phase.OFF
    since: float = 0.0
    group_since: float = 0.0
    protocol: int = PROTOCOL
    digest: str = ""
    source_id: str = ""
    target_id: str = ""
    working: str | None = None
    quiet_since: float = 0.0
    voids: int = 0
    backfilled: str | None = None
    dry_run: str | None = None
    exported: str | None = None
    restored: str | None = None
    exclusions: str | None = None
    released: bool = False
    releaser: str | None = None
    co_releaser: str | None = None
    certificate: Certificate | None = None
    hold: Hold | None = None
    answered: float = 0.0
    late_until: float = 0.0
    baseline: Figures | None = None

    def late(self, now: float) -> bool:
        """Tell whether the tripwire learns of writes too late for a certificate to stand."""
        return now < self.late_until

    def settled_at(self, timing: Timing) -> float:
        """Return the time from which the last change of class is in force everywhere."""
        return self.group_since + timing.settle

    def quiet_at(self, timing: Timing) -> float:
        """Return the time from which no worker of an ended run can write any more."""
        return self.quiet_since + timing.fence

    def voided(self) -> "ControlState":
        """Return the state without a certificate, so that a pass under way grants none either."""
        return replace(self, certificate=None, voids=self.voids + 1)

    def without_workers(self, now: float) -> "ControlState":
        """Return the state in which no run may write; its workers still may for one fence."""
        return replace(self, working=None, quiet_since=now) if self.working else self

    def moved(
        self, phase: Phase, percent: int, now: float, mover: str | None = None
    ) -> "ControlState":
        """Return the state after a move; the certificate survives only where protocol.md says."""
        changed = phase.group is not self.phase.group
        after = replace(
            self,
            phase=phase,
            percent=percent,
            epoch=self.epoch + 1,
            mover=mover,
            since=now,
            previous=self.phase if changed else self.previous,
            group_since=now if changed else self.group_since,
        )
        if phase.order <= Phase.WRITE_V2_ONLY.order:
            after = replace(after, exported=None)  # v1 is open again: what was exported may change
        if phase is Phase.WRITE_NEW or self.phase is Phase.OFF:
            after = replace(after, restored=None if self.phase is not Phase.OFF else NEVER_UPGRADED)
        if phase is Phase.READ_BOTH:  # what is created from here on is in the old shape again
            after = replace(after, backfilled=None)
        if phase is Phase.OFF:
            after = after._forgetting_the_last_try().without_workers(now)
        return after if phase.group in CERTIFIED else after.voided()

    def _forgetting_the_last_try(self) -> "ControlState":
        """Return the state for a try that begins anew, perhaps with another, emptied v2."""
        return replace(
            self,
            backfilled=None,
            dry_run=None,
            released=False,
            releaser=None,
            co_releaser=None,
            source_id="",
            target_id="",
        )


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to a migration, when and why; kept for good, beside the change itself."""

    migration: str
    at: float
    epoch: int
    action: str
    actor: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """A person's consent to enter a phase; `table` repeats the name of a table to be deleted.

    `second` is another person, whose approval stood when this one was given.
    """

    migration: str
    gate: Phase
    epoch: int
    approver: str
    at: float
    reason: str
    table: str | None = None
    releases_exclusions: bool = False
    second: str | None = None
