"""Shadow reads: each difference is explained by version, and a real one voids the certificate."""

from dataclasses import replace
from decimal import Decimal

import pytest

from migrations.personnel.migration import MIGRATION
from shared.engine.cutover import move_by_hand
from shared.engine.shadow import ACTOR, ShadowReads
from shared.model.control import AuditEntry
from shared.model.errors import Contended, Throttled
from shared.model.phases import DETOURS, Phase
from shared.model.shadow import MOST_NAMED, ShadowResult, ShadowTally
from shared.model.writes import Side
from tests.unit.engine.conductor import Conductor, key, legacy, person, stage
from tests.unit.engine.outsiders import lose, tamper, watch
from tests.unit.engine.test_availability_first import broken
from tests.unit.engine.watched import Meanwhile

READERS = [Phase.SHADOW_READ, Phase.READ_N, Phase.READ_V2]
EQUAL, RACED, LAGGING, REAL = ShadowResult


def proven(phase: Phase = Phase.SHADOW_READ) -> Conductor:
    """Return a migration in a phase, with a certificate and records of the wrapper's and older."""
    conductor = stage(*[legacy(name, full_name=f"N{name}") for name in "ABC"], phase=phase)
    conductor.records().update(key("C"), {"role": "admin"}, (), None)
    conductor.records().create(person("E", full_name="Eve"), key("E"))
    assert conductor.certificate_granted()
    return conductor


def compared(conductor: Conductor, *names: str) -> list[ShadowResult | None]:
    """Do what the function does with a batch of the queue's messages."""
    keys = [key(name) for name in names]
    reads = ShadowReads(conductor.world, keys)
    results = [reads.explain(each) for each in keys]
    reads.count()
    return results


def tallies(conductor: Conductor) -> list[ShadowTally]:
    return conductor.world.ledger.reads_counted(MIGRATION.name, 10)


def entries(conductor: Conductor) -> list[AuditEntry]:
    listed = conductor.world.ledger.audit(MIGRATION.name, 1000)
    return sorted((each for each in listed if each.actor == ACTOR), key=lambda each: each.action)


def actions(conductor: Conductor) -> list[str]:
    return [each.action for each in entries(conductor)]


# -- equal


@pytest.mark.parametrize("phase", READERS)
def test_reads_when_both_tables_agree_expect_equal_and_the_certificate_to_stand(
    phase: Phase,
) -> None:
    conductor = proven(phase)
    assert compared(conductor, "A", "B", "C", "E") == [EQUAL] * 4
    (tally,) = tallies(conductor)
    state = conductor.state
    assert (tally.phase, tally.percent, tally.epoch) == (phase, state.percent, state.epoch)
    assert (tally.compared, tally.equal, tally.real) == (4, 4, 0)
    assert conductor.certificate_granted()
    assert entries(conductor) == []


def test_a_read_of_what_is_in_neither_table_expects_equal() -> None:
    assert compared(proven(), "nobody") == [EQUAL]


def test_a_batch_when_it_names_a_key_twice_expects_it_compared_once() -> None:
    conductor = proven()
    assert compared(conductor, "A", "A", "A") == [EQUAL] * 3
    assert tallies(conductor)[0].compared == 1


def test_a_batch_expects_every_result_in_the_metrics_and_zeros_as_well() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    conductor.world.meter.drain()
    compared(conductor, "A", "B", "C")
    told = {each.value: amounts for each, amounts in conductor.world.meter.drain().items()}
    assert {name: told[name] for name in told if name.startswith("Shadow")} == {
        "ShadowEqual": [2],
        "ShadowRaced": [0],
        "ShadowLagging": [0],
        "ShadowReal": [1],
    }


def test_batches_of_one_step_expect_one_count_and_those_of_the_next_another() -> None:
    conductor = proven()
    compared(conductor, "A")
    conductor.pass_time(5.0)
    compared(conductor, "B", "C")
    conductor.go_to(Phase.READ_N, percent=50)
    compared(conductor, "A")
    later, first = tallies(conductor)
    assert (later.phase, later.compared) == (Phase.READ_N, 1)
    assert (first.phase, first.compared, first.last - first.since) == (Phase.SHADOW_READ, 3, 5.0)


# -- raced


@pytest.mark.parametrize("phase", READERS)
def test_a_writer_between_the_two_reads_expects_raced_and_no_alarm(phase: Phase) -> None:
    conductor = proven(phase)
    writer, count = conductor.records(), iter(range(1000))

    def write() -> None:
        writer.update(key("A"), {"full_name": f"Ann {next(count)}"}, (), None)

    raced = conductor.watched(before=Meanwhile(write))
    assert compared(raced, "A", "B") == [RACED, EQUAL]
    assert conductor.certificate_granted()
    assert entries(conductor) == []


# -- lagging


def test_v1_when_the_move_back_has_not_settled_expects_lagging() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.WRITE_V2_ONLY)
    conductor.records().update(key("A"), {"full_name": "Anna"}, (), None)
    conductor.records().create(person("E", full_name="Eve"), key("E"))
    move_by_hand(conductor.world, Phase.READ_V2, None, actor="Ada", reason="back")
    assert compared(conductor, "A", "E") == [LAGGING, LAGGING]
    assert entries(conductor) == []


def test_v1_when_it_was_not_brought_in_line_yet_expects_lagging_and_then_equal() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.WRITE_V2_ONLY)
    conductor.records().update(key("A"), {"full_name": "Anna"}, (), None)
    move_by_hand(conductor.world, Phase.READ_V2, None, actor="Ada", reason="back")
    conductor.settle()
    assert compared(conductor, "A") == [LAGGING]
    conductor.validate(repair=True)
    assert compared(conductor, "A") == [EQUAL]


@pytest.mark.parametrize("phase", DETOURS)
def test_a_replica_that_follows_later_expects_lagging_until_it_has_followed(phase: Phase) -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=phase)
    records, _ = broken(conductor, Throttled("busy"))
    records.create(person("E", full_name="Eve"), key("E"))
    assert compared(conductor, "E") == [LAGGING]
    conductor.sync()
    assert compared(conductor, "E") == [EQUAL]


def test_the_same_version_with_other_content_is_no_lag_though_nothing_has_settled() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.WRITE_V2_ONLY)
    tamper(conductor, Side.SOURCE, "A", full_name="Mallory")
    move_by_hand(conductor.world, Phase.READ_V2, None, actor="Ada", reason="back")
    assert compared(conductor, "A") == [REAL]
    assert actions(conductor) == ["report record"]


def test_a_first_copy_that_is_not_complete_expects_lagging() -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=Phase.DUAL_WRITE)
    assert compared(conductor, "A") == [LAGGING]


# -- real


@pytest.mark.parametrize("phase", READERS)
@pytest.mark.parametrize("side", Side)
def test_a_write_past_the_wrapper_expects_real_named_and_the_certificate_void(
    side: Side, phase: Phase
) -> None:
    conductor = proven(phase)
    tamper(conductor, side, "C", full_name="Mallory")
    assert compared(conductor, "A", "C") == [EQUAL, REAL]
    assert not conductor.certificate_granted()
    assert actions(conductor) == ["report record", "void certificate"]
    report, voiding = entries(conductor)
    assert report.reason == voiding.reason == "EMPLOYEE#C|PROFILE is different"
    document = conductor.world.archive.load(report.detail)
    assert (document["key"], document["field"]) == ("EMPLOYEE#C|PROFILE", "full_name")
    assert document["reason"] == "different in full_name (v1 at version 1, v2 at version 1)"
    (tally,) = tallies(conductor)
    assert (tally.real, tally.differing) == (1, {"EMPLOYEE#C|PROFILE"})


@pytest.mark.parametrize(
    ("name", "kind", "versions"),
    [
        ("version", "stale", "v1 at version 1, v2 at version 9"),
        ("lost", "missing", "v1 at version 1, v2 absent"),
        ("stamp", "different", "v1 at version 1, v2 at no version"),
    ],
)
def test_a_real_difference_expects_its_versions_on_record(
    name: str, kind: str, versions: str
) -> None:
    conductor = proven()
    if name == "version":
        tamper(conductor, Side.TARGET, "C", _cutover_version=Decimal(9))
    elif name == "stamp":
        tamper(conductor, Side.TARGET, "C", _cutover_version="one")
    else:
        lose(conductor, Side.TARGET, "C")
    assert compared(conductor, "C") == [REAL]
    document = conductor.world.archive.load(entries(conductor)[0].detail)
    assert document["kind"] == kind
    assert versions in document["reason"]


def test_a_real_difference_when_read_again_expects_it_counted_and_filed_once() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    for _ in range(3):
        assert compared(conductor, "A") == [REAL]
    assert actions(conductor) == ["report record", "void certificate"]
    assert tallies(conductor)[0].real == 3


def test_a_difference_that_the_tripwire_found_first_expects_real_and_on_record_as_well() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    assert len(watch(conductor, "A")) == 1
    assert compared(conductor, "A") == [REAL]
    assert actions(conductor) == ["report record"]


def test_a_difference_known_in_this_step_when_it_disproves_a_new_certificate_voids_it() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    compared(conductor, "A")
    conductor.validate(repair=True)
    conductor.validate()
    assert conductor.certificate_granted()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    assert compared(conductor, "A") == [REAL]
    assert not conductor.certificate_granted()


def test_more_real_differences_than_are_named_expect_all_counted() -> None:
    names = [f"N{number:03d}" for number in range(MOST_NAMED + 5)]
    conductor = stage(*[legacy(each, full_name=each) for each in names], phase=Phase.SHADOW_READ)
    for each in names:
        tamper(conductor, Side.TARGET, each, full_name="Mallory")
    for at in range(0, len(names), 10):
        compared(conductor, *names[at : at + 10])
    (tally,) = tallies(conductor)
    assert (tally.real, len(tally.differing)) == (len(names), MOST_NAMED)
    assert actions(conductor).count("report record") == MOST_NAMED


def test_a_migration_that_mends_at_once_expects_real_and_mended() -> None:
    conductor = stage(
        legacy("A", full_name="Ann"),
        phase=Phase.SHADOW_READ,
        migration=replace(MIGRATION, tripwire="repair"),
    )
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    assert compared(conductor, "A") == [REAL]
    assert actions(conductor) == ["mend record", "void certificate"]
    assert compared(conductor, "A") == [EQUAL]


def test_a_record_mended_while_it_is_looked_at_expects_raced() -> None:
    conductor = proven()
    before = conductor.stored(Side.TARGET, key("A")) or {}
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    looks = iter(range(10))

    def mend(name: str) -> None:
        if name == "get_together" and next(looks) == 1:
            conductor.load(Side.TARGET, before)

    assert compared(conductor.watched(before=mend), "A") == [RACED]
    assert conductor.certificate_granted()


def test_a_record_that_changes_all_the_time_expects_it_looked_at_later() -> None:
    conductor = stage(
        legacy("A", full_name="Ann"),
        phase=Phase.SHADOW_READ,
        migration=replace(MIGRATION, tripwire="repair"),
    )
    versions = iter(range(100, 1000))

    def write() -> None:
        tamper(conductor, Side.TARGET, "A", _cutover_version=Decimal(next(versions)))

    write()
    raced = conductor.watched(before=Meanwhile(write))
    with pytest.raises(Contended):
        compared(raced, "A")
    assert tallies(conductor) == []


# -- nothing to compare


@pytest.mark.parametrize("phase", [Phase.OFF, Phase.WRITE_V2_ONLY, Phase.ARCHIVED])
def test_keys_that_come_when_the_tables_have_parted_expect_nothing(phase: Phase) -> None:
    conductor = stage(legacy("A", full_name="Ann"), phase=phase)
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    assert compared(conductor, "A") == [None]
    assert tallies(conductor) == []
    assert entries(conductor) == []


def test_tables_that_part_while_a_key_is_looked_at_expect_nothing() -> None:
    conductor = proven(Phase.READ_V2)
    tamper(conductor, Side.SOURCE, "A", full_name="Mallory")
    reads = ShadowReads(conductor.world, [key("A")])
    conductor.go_to(Phase.WRITE_V2_ONLY)
    assert reads.explain(key("A")) is None
    assert reads.count().compared == 0


def test_an_excluded_record_expects_nothing() -> None:
    conductor = stage(legacy("A", full_name="Ann"), legacy("X", full_name="Xie", active="perhaps"))
    conductor.migrate(approve="auto", until="SHADOW_READ", exclude=["EMPLOYEE#X|PROFILE"])
    assert compared(conductor, "A", "X") == [EQUAL, None]
    assert conductor.certificate_granted()


def test_a_changed_transform_expects_no_comparison_with_it() -> None:
    conductor = proven()
    tamper(conductor, Side.TARGET, "A", full_name="Mallory")
    newer = replace(conductor, world=replace(conductor.world, digest="newer"))
    assert compared(newer, "A") == [None]
    assert conductor.certificate_granted()
