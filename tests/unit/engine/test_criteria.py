"""The success criteria: met with evidence, not met with evidence, and never met for want of it."""

from dataclasses import replace

import pytest

from shared.engine.criteria import Criterion, criteria, evidence, success
from shared.engine.measuring import Measured
from shared.model.errors import Throttled
from shared.model.figures import Figures, Latency
from shared.model.phases import Phase
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, legacy, stage

NAMES = [
    "counts are equal",
    "every index of v2 answers",
    "all records match",
    "reads from v2 are no slower",
    "the error rate is unchanged",
    "the watch is over",
]


def latency(p95: float, samples: int = 100) -> Latency:
    return Latency(p95 / 2, p95, samples)


def at_the_end() -> Conductor:
    """Return a migration in READ_V2 that was watched for long enough and just validated."""
    conductor = stage(legacy("A", full_name="Ann"), legacy("B"), phase=Phase.READ_V2)
    conductor.pass_time(conductor.world.environment.soak.read_v2 + 60)
    conductor.validate()
    return conductor


def judged(conductor: Conductor, **changed: object) -> dict[str, Criterion]:
    given = replace(evidence(conductor.world), **changed)  # type: ignore[arg-type]  # by field
    return {each.name: each for each in criteria(given)}


def before(**figures: object) -> Figures:
    return Figures(0, 60, **{"requests": 1000, "errors": 2, **figures})  # type: ignore[arg-type]


def test_the_checklist_when_everything_is_proven_is_met_with_its_evidence() -> None:
    conductor = at_the_end()
    state = replace(conductor.state, baseline=before(reads_v1=latency(10)))
    now = Figures(60, 120, 1000, 2, reads_v2=latency(10.5))
    environment = conductor.world.environment
    found = judged(
        conductor,
        state=state,
        measured=Measured(now),
        limits=replace(environment.thresholds, latency_within=10.0),
    )
    assert list(found) == NAMES
    assert [each.name for each in found.values() if each.met is not True] == []
    assert found["counts are equal"].evidence == "2 records in v1, 2 in v2"
    assert "GSI1-NameIndex 1 of 1" in found["every index of v2 answers"].evidence
    assert found["all records match"].evidence == "2 compared, 0 differ, 0 were repaired"
    assert "p95 10.5 ms, before the migration 10.0 ms" in found[NAMES[3]].evidence
    assert found[NAMES[4]].evidence == "0.20 %, 0.20 % before the migration"


def test_criteria_when_there_is_no_certificate_cannot_be_told() -> None:
    found = {each.name: each for each in success(stage(legacy("A")).world)}
    assert [found[name].met for name in NAMES[:3]] == [None] * 3
    assert "there is no certificate" in found[NAMES[0]].evidence


def test_proof_when_it_is_outdated_is_not_met_any_more() -> None:
    conductor = at_the_end()
    conductor.pass_time(conductor.world.environment.certificate_age + 1)
    found = judged(conductor)
    assert [found[name].met for name in NAMES[:3]] == [False] * 3
    assert found[NAMES[2]].evidence.endswith("the certificate is outdated: validate again")


def test_counts_when_v2_has_another_number_are_not_equal() -> None:
    conductor = at_the_end()
    passed = evidence(conductor.world).passed
    assert passed is not None
    sides = {Side.SOURCE.value: 2, Side.TARGET.value: 3}
    found = judged(conductor, passed=passed.with_facts(sides=sides))
    assert found[NAMES[0]].met is False
    assert found[NAMES[0]].evidence.startswith("2 records in v1, 3 in v2; writers may")


def test_excluded_records_when_counted_are_left_out_and_said() -> None:
    conductor = at_the_end()
    passed = evidence(conductor.world).passed
    assert passed is not None
    sides = {Side.SOURCE.value: 3, Side.TARGET.value: 2}
    counted = replace(passed, counts=replace(passed.counts, excluded=1)).with_facts(sides=sides)
    found = judged(conductor, passed=counted)[NAMES[0]]
    assert (found.met, found.evidence) == (True, "2 records in v1 without 1 excluded, 2 in v2")


def test_an_index_when_it_lacks_an_entry_is_not_met() -> None:
    conductor = at_the_end()
    passed = evidence(conductor.world).passed
    assert passed is not None
    short = {"by-name": {"expected": 2, "found": 1}}
    found = judged(conductor, passed=passed.with_facts(indexes=short))[NAMES[1]]
    assert (found.met, found.evidence) == (False, "by-name 1 of 2")


@pytest.mark.parametrize(
    ("v2", "v1", "base", "met", "said"),
    [
        (11.0, latency(10), None, True, "v1 at the same time 10.0 ms"),
        (11.1, latency(10), latency(50), False, "v1 at the same time 10.0 ms"),
        (50.0, latency(10, samples=2), latency(50), True, "before the migration 50.0 ms"),
        (50.0, None, None, None, "no data: nobody read from v1"),
    ],
)
def test_latency_when_v1_was_read_enough_is_held_against_it_and_else_against_before(
    v2: float, v1: Latency | None, base: Latency | None, met: bool | None, said: str
) -> None:
    conductor = at_the_end()
    limits = replace(conductor.world.environment.thresholds, latency_within=10.0, minimum=20)
    found = judged(
        conductor,
        state=replace(conductor.state, baseline=before(reads_v1=base)),
        measured=Measured(Figures(60, 120, reads_v1=v1, reads_v2=latency(v2))),
        limits=limits,
    )[NAMES[3]]
    assert found.met is met
    assert said in found.evidence


@pytest.mark.parametrize(("errors", "met"), [(3, True), (4, False)])
def test_the_error_rate_when_a_tenth_of_a_point_higher_is_still_unchanged(
    errors: int, met: bool
) -> None:
    conductor = at_the_end()
    found = judged(
        conductor,
        state=replace(conductor.state, baseline=before()),
        measured=Measured(Figures(60, 120, 1000, errors)),
    )[NAMES[4]]
    assert found.met is met


def test_what_callers_saw_when_nobody_measured_it_is_not_met_and_says_why() -> None:
    conductor = at_the_end()
    nobody = judged(conductor)
    assert [nobody[name].met for name in NAMES[3:5]] == [None, None]
    assert "no data" in nobody[NAMES[3]].evidence
    conductor.parts.measurements.broken = Throttled("CloudWatch is away")
    broken = judged(conductor)
    assert [broken[name].met for name in NAMES[3:5]] == [None, None]
    assert "CloudWatch is away" in broken[NAMES[4]].evidence
    assert broken[NAMES[2]].met is True


def test_the_watch_when_it_is_not_over_says_how_long_it_lasts() -> None:
    conductor = stage(legacy("A"), phase=Phase.READ_V2)
    found = judged(conductor, soak=3600.0)[NAMES[5]]
    assert found.met is False
    assert found.evidence.startswith("READ_V2 is watched for 3600 s, ")
