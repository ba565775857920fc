"""The metrics of a migration: their names and units, the same wherever they are told and read."""

from enum import StrEnum

NAMESPACE = "Cutover"
"""The namespace of all metrics; their dimensions are `service` and `migration`, no others."""


class Unit(StrEnum):
    """Units, as CloudWatch names them."""

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    SECONDS = "Seconds"
    PERCENT = "Percent"
    RATE = "Count/Second"


class Metric(StrEnum):
    """What is measured; docs/alarms.md says what each one means and who tells it."""

    REQUESTS = "Requests"
    ERRORS = "Errors"
    CREATES = "Creates"
    CREATES_FAILED = "CreatesFailed"
    READS_V1 = "ReadsV1"
    READS_V2 = "ReadsV2"
    READ_ERRORS_V1 = "ReadErrorsV1"
    READ_ERRORS_V2 = "ReadErrorsV2"
    READ_LATENCY_V1 = "ReadLatencyV1"
    READ_LATENCY_V2 = "ReadLatencyV2"
    WRITE_LATENCY = "WriteLatency"
    DUAL_WRITE_ADDED = "DualWriteAdded"
    THROTTLES = "Throttles"

    WRITE_UNITS = "WriteUnits"
    THROTTLED = "Throttled"
    PROGRESS = "Progress"
    RECORDS_PER_SECOND = "RecordsPerSecond"
    SECONDS_LEFT = "SecondsLeft"
    QUARANTINED = "Quarantined"
    MISMATCHED = "Mismatched"

    CERTIFICATE_AGE = "CertificateAge"
    CHECKPOINT_AGE = "CheckpointAge"
    TRIPWIRE_LAG = "TripwireLag"
    BASELINE_READ_LATENCY = "BaselineReadLatency"

    SHADOW_EQUAL = "ShadowEqual"
    SHADOW_RACED = "ShadowRaced"
    SHADOW_LAGGING = "ShadowLagging"
    SHADOW_REAL = "ShadowReal"
    SHADOW_NOT_SENT = "ShadowNotSent"

    SYNCS_QUEUED = "SyncsQueued"
    SYNCS_LOST = "SyncsLost"

    @property
    def unit(self) -> Unit:
        """Return the unit of its values; most are counts."""
        return _UNITS.get(self, Unit.COUNT)


_UNITS = {
    Metric.READ_LATENCY_V1: Unit.MILLISECONDS,
    Metric.READ_LATENCY_V2: Unit.MILLISECONDS,
    Metric.WRITE_LATENCY: Unit.MILLISECONDS,
    Metric.DUAL_WRITE_ADDED: Unit.MILLISECONDS,
    Metric.BASELINE_READ_LATENCY: Unit.MILLISECONDS,
    Metric.PROGRESS: Unit.PERCENT,
    Metric.RECORDS_PER_SECOND: Unit.RATE,
    Metric.SECONDS_LEFT: Unit.SECONDS,
    Metric.CERTIFICATE_AGE: Unit.SECONDS,
    Metric.CHECKPOINT_AGE: Unit.SECONDS,
    Metric.TRIPWIRE_LAG: Unit.SECONDS,
}
