"""What the engine measures of its own work, and that measuring never costs an answer."""

import pytest

from shared.engine.meter import SAMPLES, Meter
from shared.memory.clock import MemoryClock
from shared.model.errors import NotFound, StoreError, Throttled
from shared.model.metrics import Metric
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.unit.engine.conductor import key, legacy, person, stage


def test_sums_when_drained_are_told_once_and_begin_anew():
    meter = Meter()
    meter.add(Metric.WRITE_UNITS, 2.5)
    meter.add(Metric.WRITE_UNITS, 1.5)
    assert meter.drain() == {Metric.WRITE_UNITS: [4.0]}
    assert meter.drain() == {}


def test_samples_when_there_are_more_than_a_line_holds_are_left_out():
    meter = Meter()
    for value in range(SAMPLES + 5):
        meter.sample(Metric.WRITE_LATENCY, value)
    assert len(meter.drain()[Metric.WRITE_LATENCY]) == SAMPLES


def test_a_block_when_it_fails_is_timed_all_the_same():
    meter, clock = Meter(), MemoryClock()

    def fail():
        with meter.timing(Metric.WRITE_LATENCY, clock):
            clock.advance(0.25)
            raise NotFound("there is none")

    with pytest.raises(NotFound):
        fail()
    assert meter.drain() == {Metric.WRITE_LATENCY: [250.0]}


@pytest.mark.parametrize(
    ("error", "throttles"), [(Throttled, {Metric.THROTTLES: [1.0]}), (StoreError, {})]
)
def test_a_read_when_its_table_fails_counts_as_an_error_of_that_table(error, throttles):
    conductor = stage(legacy("A"), phase=Phase.READ_V2)

    def broken(name):
        if name == "get":
            raise error("no")

    records = conductor.watched(before=broken).records()
    records.meter.drain()
    with pytest.raises(error):
        records.get(key("A"))
    told = records.meter.drain()
    assert told.pop(Metric.READ_LATENCY_V2)
    assert told == {Metric.READS_V2: [1.0], Metric.READ_ERRORS_V2: [1.0], **throttles}


def test_a_read_when_there_is_no_record_is_no_error():
    records = stage().records()
    with pytest.raises(NotFound):
        records.get(key("A"))
    assert records.meter.drain()[Metric.READ_ERRORS_V1] == [0.0]


@pytest.mark.parametrize(
    ("phase", "added"), [(Phase.OFF, 0), (Phase.VALIDATE, 2), (Phase.WRITE_V2_ONLY, 0)]
)
def test_writes_when_made_are_timed_and_what_the_second_table_adds_apart(phase, added):
    records = stage(phase=phase).records()
    records.meter.drain()
    records.create(person("A"), key("A"))
    records.update(key("A"), {"full_name": "Ann"}, (), None)
    records.delete(key("A"), None)
    told = records.meter.drain()
    assert len(told[Metric.WRITE_LATENCY]) == 3
    assert len(told.get(Metric.DUAL_WRITE_ADDED, [])) == added
    assert records.meter.phase is phase


def test_a_write_when_its_table_is_throttled_counts_each_time_it_had_to_wait():
    conductor = stage(legacy("A"), phase=Phase.VALIDATE)
    left = [3]

    def busy(name):
        if name == "write_together" and left[0]:
            left[0] -= 1
            raise Throttled("not now")

    records = conductor.watched(before=busy).records()
    records.update(key("A"), {"full_name": "Ann"}, (), None)
    assert records.meter.drain()[Metric.THROTTLES] == [3.0]


def test_a_backfill_when_it_copies_tells_its_units_what_it_left_and_no_item_by_itself():
    conductor = stage(*[legacy(f"{n}") for n in range(30)], phase=Phase.DUAL_WRITE)
    conductor.load(Side.SOURCE, legacy("?", active="?"))
    conductor.world.meter.drain()
    conductor.backfill()
    told = conductor.world.meter.drain()
    assert told[Metric.WRITE_UNITS][0] >= 30
    assert told[Metric.QUARANTINED] == [1]
    assert max(map(len, told.values())) == 1


def test_a_validation_when_records_differ_tells_how_many_are_left():
    conductor = stage(legacy("A"), legacy("B"), phase=Phase.VALIDATE)
    for name in ("A", "B"):
        item = conductor.stored(Side.TARGET, key(name)) or {}
        conductor.load(Side.TARGET, {**item, "full_name": "?"})
    conductor.world.meter.drain()
    conductor.validate(repair=False)
    assert conductor.world.meter.drain()[Metric.MISMATCHED] == [2]
    conductor.validate(repair=True)
    assert conductor.world.meter.drain()[Metric.MISMATCHED] == [0]


def test_every_unit_when_told_is_one_that_cloudwatch_knows():
    from aws_lambda_powertools.metrics import MetricUnit

    assert {each.unit.value for each in Metric} <= {each.value for each in MetricUnit}


def test_workers_when_throttled_count_it():
    conductor = stage(legacy("A"), phase=Phase.DUAL_WRITE)
    left = [2]

    def busy(name):
        if name == "scan" and left[0]:
            left[0] -= 1
            raise Throttled("not now")

    conductor.world.meter.drain()
    conductor.watched(before=busy).backfill()
    assert conductor.world.meter.drain()[Metric.THROTTLED] == [2.0]
    assert conductor.world.ledger.runs("personnel", 1)[0].kind is RunKind.BACKFILL
