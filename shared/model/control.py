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
class Change:
    """When something changed that others act on for a while: `at` was before it was written.

    It was in force when somebody had `seen` it; until somebody says so, no clock bounds how long
    the write was under way, and nothing counts from it.
    """

    at: float = 0.0
    seen: float | None = None

    def in_force(self, now: float) -> float:
        """Return a time at which it surely was in force: now, where nobody has seen it before."""
        return now if self.seen is None else self.seen

    def seen_by(self, now: float) -> "Change":
        """Return the change for somebody who sees it now; a clock that was set back adds none."""
        return replace(self, seen=max(self.at, now)) if self.seen is None else self


NEVER = Change(0.0, 0.0)
"""What has not changed yet."""


@dataclass(frozen=True, slots=True)
class ControlState:
    """The control item: the phase, since when, and what was proven; times are epoch seconds.

    `mover` is the journey that made the last move (None: a person, by hand).
    `epoch` grows with every move and `revision` with every write of the item. `class_change` is
    when the class of phases changed last, `previous` the phase it changed from. `working` is the
    run whose workers may write; `work_stop` is when the last such run was to end. Until
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
    class_change: Change = NEVER
    protocol: int = PROTOCOL
    digest: str = ""
    source_id: str = ""
    target_id: str = ""
    working: str | None = None
    work_stop: Change = NEVER
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

    def settled_at(self, now: float, timing: Timing) -> float:
        """Return the time from which the last change of class is in force everywhere."""
        return self.class_change.in_force(now) + timing.settle

    def quiet_at(self, now: float, timing: Timing) -> float:
        """Return the time from which no worker of an ended run can write any more."""
        return self.work_stop.in_force(now) + timing.fence

    def seen_by(self, now: float) -> "ControlState":
        """Return the state for somebody who sees it stored now: its changes are in force."""
        return replace(
            self,
            class_change=self.class_change.seen_by(now),
            work_stop=self.work_stop.seen_by(now),
        )

    def voided(self) -> "ControlState":
        """Return the state without a certificate, so that a pass under way grants none either."""
        return replace(self, certificate=None, voids=self.voids + 1)

    def without_workers(self, now: float) -> "ControlState":
        """Return the state in which no run may write; its workers still may for one fence."""
        return replace(self, working=None, work_stop=Change(now)) if self.working else self

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
            class_change=Change(now) if changed else self.class_change,
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
