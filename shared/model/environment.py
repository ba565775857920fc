"""Where a migration runs and by which clock: an account, its waits, its limits, its samples."""

from dataclasses import dataclass
from typing import Literal

from shared.model.phases import Phase


@dataclass(frozen=True, slots=True)
class Timing:
    """How long things may take, in seconds; settle and the worker fence follow from them."""

    lease: float = 30.0
    renew: float = 10.0
    operation: float = 10.0
    worker_operation: float = 10.0
    request: float = 3.0

    @property
    def settle(self) -> float:
        """Return how long after a move the old phase may still be acted upon."""
        return self.lease + max(self.operation, self.worker_operation)

    @property
    def fence(self) -> float:
        """Return how long after a run's end one of its workers may still write."""
        return self.lease + self.worker_operation + self.operation


@dataclass(frozen=True, slots=True)
class Soak:
    """How long a phase is watched before the next step, in seconds.

    `ramp` is per share below 100 %, of the reads on v2 or of the writes in the new shape;
    `read_full` and `write_new` are those at 100 %.
    """

    shadow_read: float = 3600.0
    ramp: float = 3600.0
    read_full: float = 48 * 3600.0
    read_v2: float = 7 * 86400.0
    write_v2_only: float = 14 * 86400.0
    archived: float = 30 * 86400.0
    read_both: float = 3600.0
    write_new: float = 3 * 86400.0

    def after(self, phase: Phase, percent: int) -> float:
        """Return the seconds to wait in a phase, at a percentage of reads, before going on."""
        match phase:
            case Phase.READ_BOTH:
                return self.read_both
            case Phase.WRITE_NEW:
                return self.write_new if percent >= 100 else self.ramp
            case Phase.SHADOW_READ:
                return self.shadow_read
            case Phase.READ_N:
                return self.read_full if percent >= 100 else self.ramp
            case Phase.READ_V2:
                return self.read_v2
            case Phase.WRITE_V2_ONLY:
                return self.write_v2_only
            case Phase.ARCHIVED:
                return self.archived
        return 0.0


@dataclass(frozen=True, slots=True)
class ShadowSampling:
    """Which reads are compared in both tables, beside the request.

    `share` is the part of the reads, 0 for none and 1 for all; each process offers at most
    `per_second` keys in a second, and each key at most once in it.
    """

    share: float = 0.01
    per_second: int = 10


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From what on an alarm goes off (docs/alarms.md); those of the runbooks unless declared.

    Shares are in per cent, times in seconds but for latencies, which are in milliseconds.
    `minimum` requests in a period are the least that an error rate or a latency is taken from:
    one failure in three at night is no rate. Rates and latencies must be beyond their threshold
    in `datapoints` of the last `evaluations` periods; everything else at once. What is measured
    before the migration over `baseline` seconds is what it is compared with; `latency_within`
    and `errors_within` are by how much v2 may be worse and the migration still a success.
    `creates_succeed` is how many creates must succeed, in per cent, counted over `creates_over`
    seconds, as there may be few of them in a period; 0: nobody watches.
    `certificate_age` and `stream_lag` of the environment are thresholds as well.
    """

    errors_critical: float = 5.0
    errors_warning: float = 1.0
    creates_succeed: float = 0.0
    creates_over: int = 3600
    latency_p95: float = 500.0
    degradation: float = 50.0
    mismatches: int = 0
    quarantined: int = 0
    dead_letters: int = 0
    stale_checkpoint: float = 900.0
    latency_within: float = 10.0
    errors_within: float = 0.1
    minimum: int = 20
    period: int = 60
    evaluations: int = 5
    datapoints: int = 3
    baseline: float = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Environment:
    """One account and region in which the migration runs, committed with the declaration.

    `source` says where v1 comes from: a template makes it, it was there before, or it is gone
    for good; then nothing that is deployed knows of it.
    `issuer` is the URL of the identity provider whose tokens the APIs accept; a path, as
    `local` has, is one at the endpoint that the deployment talks to. `ramp` is the shares, in per
    cent, that a migrate goes through unless it is told others.
    """

    name: str
    account: str
    region: str
    source: Literal["created", "adopted", "deleted"]
    removal: Literal["retain", "destroy"]
    issuer: str
    audience: str
    timing: Timing = Timing()
    soak: Soak = Soak()
    thresholds: Thresholds = Thresholds()
    certificate_age: float = 24 * 3600.0
    stream_lag: float = 300.0
    approval_age: float = 24 * 3600.0
    concurrency: int = 16
    ramp: tuple[int, ...] = (1, 10, 50, 100)
    shadow: ShadowSampling = ShadowSampling()
    approves_alone: bool = False
    """Whether `approve: auto` may also stand for single-write, archive and deletion, and a person
    may approve what they asked for."""
    approves_each_share: bool = False
    """Whether each raise of the share of reads on v2 needs an approval of its own."""

    @property
    def has_source(self) -> bool:
        """Tell whether v1 is still part of the deployment."""
        return self.source != "deleted"


LOCAL = Environment(
    name="local",
    account="123456789012",
    region="us-east-1",
    source="created",
    removal="destroy",
    issuer="/_issuer",
    audience="cutover",
    timing=Timing(lease=1.0, renew=0.4, operation=2.0, worker_operation=2.0, request=1.0),
    soak=Soak(1.0, 1.0, 2.0, 2.0, 2.0, 2.0, read_both=1.0, write_new=2.0),
    # seconds, and room for a laptop on which everything happens at once
    thresholds=Thresholds(
        latency_p95=2000.0,
        degradation=1000.0,
        latency_within=1000.0,
        minimum=5,
        creates_over=600,  # a minute on the local cloud
        period=10,  # the shortest of an alarm; a second on the local cloud (local/pace.py)
        evaluations=1,
        datapoints=1,
        baseline=600.0,
    ),
    certificate_age=600.0,
    stream_lag=60.0,
    approval_age=600.0,
    concurrency=4,
    shadow=ShadowSampling(share=1.0, per_second=5),
    approves_alone=True,
)
"""The local cloud: seconds instead of weeks, and nobody to ask."""
