"""Which reads are offered for comparison: the declared share, in the phases of shadow reads."""

from dataclasses import replace

import pytest

from migrations.personnel.migration import MIGRATION
from shared.engine.records import Records
from shared.model.environment import LOCAL, ShadowSampling
from shared.model.errors import NotFound
from shared.model.key import Key
from shared.model.phases import DIRECT, Phase
from tests.unit.engine.conductor import Conductor, key, legacy, stage

READERS = [Phase.SHADOW_READ, Phase.READ_N, Phase.READ_V2]
NAMES = [f"N{number:03d}" for number in range(100)]


def sampled(
    phase: Phase, share: float = 1.0, per_second: int = 1000
) -> tuple[Conductor, Records, list[Key]]:
    """Return a migration, its records, and the list to which sampled keys go."""
    declared = replace(LOCAL, shadow=ShadowSampling(share, per_second))
    conductor = stage(
        *[legacy(name, full_name=name, project_id="P1") for name in NAMES],
        phase=phase,
        environment=declared,
    )
    offered: list[Key] = []
    return conductor, Records(conductor.world, offered.append), offered


@pytest.mark.parametrize("phase", READERS)
def test_reads_when_all_are_declared_expect_every_key_offered(phase: Phase) -> None:
    _, records, offered = sampled(phase)
    for name in NAMES:
        records.get(key(name))
    assert offered == [key(name) for name in NAMES]


@pytest.mark.parametrize("phase", sorted(set(DIRECT) - {*READERS, Phase.DECOMMISSIONED}))
def test_reads_in_other_phases_expect_no_key_offered(phase: Phase) -> None:
    _, records, offered = sampled(phase)
    records.get(key(NAMES[0]))
    assert offered == []


def test_a_read_that_finds_nothing_expects_its_key_offered() -> None:
    _, records, offered = sampled(Phase.SHADOW_READ)
    with pytest.raises(NotFound):
        records.get(key("nobody"))
    assert offered == [key("nobody")]


@pytest.mark.parametrize("phase", READERS)
def test_a_list_expects_the_keys_of_its_records_offered(phase: Phase) -> None:
    _, records, offered = sampled(phase)
    assert MIGRATION.api is not None
    search = next(each for each in MIGRATION.api.searches if each.parameters == ("name",))
    records.search(search, {"name": NAMES[7]}, None, 10)
    assert offered == [key(NAMES[7])]


def test_a_share_of_the_reads_expects_about_that_share_offered_and_each_key_in_its_turn() -> None:
    conductor, records, offered = sampled(Phase.SHADOW_READ, share=0.1)
    for _ in range(100):
        conductor.pass_time(1.0)
        for name in NAMES:
            records.get(key(name))
    assert 900 < len(offered) < 1100
    assert len(set(offered)) == len(NAMES)


def test_the_same_reads_at_the_same_time_expect_the_same_keys_offered_by_every_process() -> None:
    conductor, records, offered = sampled(Phase.SHADOW_READ, share=0.3)
    others: list[Key] = []
    other = Records(conductor.world, others.append)
    for name in NAMES:
        records.get(key(name))
        other.get(key(name))
    assert offered == others
    assert 15 < len(offered) < 45


def test_more_reads_than_the_bound_expect_the_bound_in_each_second() -> None:
    conductor, records, offered = sampled(Phase.SHADOW_READ, per_second=7)
    for _ in range(3):
        conductor.pass_time(1.0)
        for name in NAMES:
            records.get(key(name))
    assert len(offered) == 21


def test_a_key_that_is_read_all_the_time_expects_to_be_offered_once_a_second() -> None:
    conductor, records, offered = sampled(Phase.SHADOW_READ)
    for _ in range(50):
        records.get(key(NAMES[0]))
    conductor.pass_time(1.0)
    records.get(key(NAMES[0]))
    assert offered == [key(NAMES[0])] * 2


def test_no_share_expects_no_key_offered() -> None:
    _, records, offered = sampled(Phase.SHADOW_READ, share=0.0)
    for name in NAMES:
        records.get(key(name))
    assert offered == []
