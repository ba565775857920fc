"""The success criteria as a checklist, each with its evidence; what nobody measured is not met.

Nothing here decides: the guards do. It is what a person wants to see before a migration is
called a success (the runbook's criteria).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from shared.engine.measuring import Measured, measured
from shared.engine.world import World
from shared.model.control import ControlState
from shared.model.environment import Thresholds
from shared.model.figures import Figures, Latency
from shared.model.in_place import InPlace
from shared.model.runs import Run
from shared.model.writes import Side


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion, whether it is met (None: nobody can tell), and what shows it."""

    name: str
    met: bool | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the criteria are judged by.

    `passed` is the validation that the certificate rests on, `fresh` whether that still counts,
    `soak` the seconds for which the phase is watched.
    """

    state: ControlState
    passed: Run | None
    fresh: bool
    measured: Measured
    limits: Thresholds
    soak: float
    now: float


def success(world: World) -> list[Criterion]:
    """Return the checklist of a migration as it stands now."""
    judges = IN_PLACE if isinstance(world.migration, InPlace) else PAIRED
    return criteria(evidence(world), judges)


def evidence(world: World) -> Evidence:
    """Return what the criteria are to be judged by: the newest proof, and the phase's figures."""
    state, now = world.control.read(world.migration.name), world.clock.wall()
    certificate, environment = state.certificate, world.environment
    age, passed, fresh = environment.certificate_age, None, False
    if certificate is not None:
        passed = world.ledger.load(certificate.run_id)
        fresh = certificate.fresh(now, age, world.digest)
    return Evidence(
        state=state,
        passed=passed,
        fresh=fresh,
        measured=measured(world, state.since, now),
        limits=environment.thresholds,
        soak=environment.soak.after(state.phase, state.percent),
        now=now,
    )


def criteria(given: Evidence, judges: "Judges | None" = None) -> list[Criterion]:
    """Return every criterion in the runbook's order."""
    return [judge(given) for judge in judges or PAIRED]


def criteria_document(found: list[Criterion]) -> list[dict[str, Any]]:
    """Return a checklist ready for JSON."""
    return [asdict(each) for each in found]


def _counts(given: Evidence) -> Criterion:
    name = "counts are equal"
    sides = given.passed.facts.get("sides") if given.passed else None
    if given.passed is None or not sides:
        return _unproven(name, given)
    excluded = given.passed.counts.excluded
    source, target = sides[Side.SOURCE.value] - excluded, sides[Side.TARGET.value]
    left_out = f" without {excluded} excluded" if excluded else ""
    told = f"{source} records in v1{left_out}, {target} in v2"
    if source != target:
        told += "; writers may have been at work between the two counts: validate again"
    return Criterion(name, source == target and given.fresh, told + _stale(given))


def _indexes(given: Evidence) -> Criterion:
    name = "every index of v2 answers"
    found = given.passed.facts.get("indexes") if given.passed else None
    if not found:
        return _unproven(name, given)
    told = [f"{index} {each['found']} of {each['expected']}" for index, each in found.items()]
    complete = all(each["found"] == each["expected"] for each in found.values())
    return Criterion(name, complete and given.fresh, ", ".join(told) + _stale(given))


def _match(given: Evidence) -> Criterion:
    name = "all records match"
    if given.passed is None:
        return _unproven(name, given)
    counts = given.passed.counts
    differ = counts.mismatched - counts.repaired
    told = f"{counts.scanned} compared, {differ} differ, {counts.repaired} were repaired"
    return Criterion(name, differ == 0 and given.fresh, told + _stale(given))


def _latency(given: Evidence) -> Criterion:
    name = "reads from v2 are no slower"
    figures = given.measured.figures
    if figures is None or figures.reads_v2 is None:
        return Criterion(name, None, given.measured.missing or "no data: nobody read from v2")
    reference, of = _reference(given, figures)
    if reference is None:
        return Criterion(name, None, "no data: nobody read from v1, now or before the migration")
    most = reference.p95 * (1 + given.limits.latency_within / 100)
    told = f"p95 {figures.reads_v2.p95:.1f} ms, {of} {reference.p95:.1f} ms"
    return Criterion(name, figures.reads_v2.p95 <= most, told)


def _reference(given: Evidence, figures: Figures) -> tuple[Latency | None, str]:
    """Return the latency that v2 is held against: v1's now or, when few read it, of before."""
    v1 = figures.reads_v1
    if v1 is not None and v1.samples >= given.limits.minimum:
        return v1, "v1 at the same time"
    return (given.state.baseline.reads if given.state.baseline else None), "before the migration"


def _upgraded(given: Evidence) -> Criterion:
    name = "every record is in the new shape, and sound"
    if given.passed is None:
        return _unproven(name, given)
    counts = given.passed.counts
    wrong = counts.mismatched - counts.repaired
    told = f"{counts.scanned} looked at, {wrong} are not, {counts.repaired} were repaired"
    return Criterion(name, wrong == 0 and given.fresh, told + _stale(given))


def _no_slower(given: Evidence) -> Criterion:
    name = "reads are no slower"
    figures, baseline = given.measured.figures, given.state.baseline
    if figures is None or figures.reads is None:
        return Criterion(name, None, given.measured.missing or "no data: nobody read")
    if baseline is None or baseline.reads is None:
        told = f"p95 {figures.reads.p95:.1f} ms; it was not measured before the migration"
        return Criterion(name, None, told)
    most = baseline.reads.p95 * (1 + given.limits.latency_within / 100)
    told = f"p95 {figures.reads.p95:.1f} ms, before the migration {baseline.reads.p95:.1f} ms"
    return Criterion(name, figures.reads.p95 <= most, told)


def _errors(given: Evidence) -> Criterion:
    name = "the error rate is unchanged"
    figures, baseline = given.measured.figures, given.state.baseline
    now = figures.error_rate if figures else None
    before = baseline.error_rate if baseline else None
    if now is None:
        return Criterion(name, None, given.measured.missing or "no data: nobody used the API")
    if before is None:
        return Criterion(name, None, f"{now:.2f} % now; it was not measured before the migration")
    met = now <= before + given.limits.errors_within
    return Criterion(name, met, f"{now:.2f} %, {before:.2f} % before the migration")


def _soak(given: Evidence) -> Criterion:
    passed, phase = given.now - given.state.since, given.state.phase
    told = f"{phase} is watched for {given.soak:.0f} s, {passed:.0f} s have passed"
    if not given.soak:
        return Criterion("the watch is over", None, f"{phase} is not watched")
    return Criterion("the watch is over", passed >= given.soak, told)


def _unproven(name: str, given: Evidence) -> Criterion:
    why = "the pass did not tell" if given.passed else "there is no certificate"
    return Criterion(name, None, f"{why}: validate")


def _stale(given: Evidence) -> str:
    return "" if given.fresh else "; the certificate is outdated: validate again"


Judges = tuple[Callable[[Evidence], Criterion], ...]

PAIRED: Judges = (
    _counts,
    _indexes,
    _match,
    _latency,
    _errors,
    _soak,
)
"""The criteria of a migration from one table to another."""

IN_PLACE: Judges = (_upgraded, _no_slower, _errors, _soak)
"""The criteria of a migration within one table."""
