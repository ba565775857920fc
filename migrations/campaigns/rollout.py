"""How campaigns are rolled out, and what ends it (runbook: Phase 12, Gradual Rollout)."""

from dataclasses import replace

from shared.model.environment import LOCAL, Environment, Soak, Thresholds

_DAY = 86400.0

SHARES = (10, 50, 100)
"""The shares of the campaigns that are written in the new shape, in per cent."""

SOAK = Soak(ramp=2 * _DAY, write_new=3 * _DAY)
"""Two days for each share below 100 %, and three for all of them."""

THRESHOLDS = Thresholds(
    errors_critical=1.0,
    errors_warning=0.5,
    latency_p95=500.0,
    creates_succeed=98.0,
)
"""Beyond these the migration rolls back by itself; half as many errors are a warning."""


def rolled_out(environment: Environment) -> Environment:
    """Return an environment with the runbook's shares, days and thresholds, for any but local."""
    return replace(environment, ramp=SHARES, soak=SOAK, thresholds=THRESHOLDS)


LOCALLY = replace(
    LOCAL,
    ramp=SHARES,
    thresholds=replace(LOCAL.thresholds, creates_succeed=THRESHOLDS.creates_succeed),
)
"""The local cloud watches the creates as well, in its own seconds and with room for a laptop."""
