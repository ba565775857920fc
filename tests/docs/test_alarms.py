"""docs/alarms.md has an entry for every alarm of the synthesised stacks, and for no other."""

import re
from dataclasses import replace

import pytest

from shared import catalogue
from shared.model.metrics import Metric, Unit
from tests.docs.pages import page, rows, section
from tests.infra.assembly import Assembly, placed, synthesise

TEXT = page("alarms.md")
ENTRIES = re.findall(r"^### (.+)$", TEXT, re.MULTILINE)
UNITS = {
    "count": Unit.COUNT,
    "ms": Unit.MILLISECONDS,
    "s": Unit.SECONDS,
    "%": Unit.PERCENT,
    "1/s": Unit.RATE,
}


@pytest.fixture(scope="module")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    everything = replace(catalogue.load("personnel"), mode="availability_first")
    migration, environment = placed(everything)
    return synthesise(tmp_path_factory.mktemp("alarms"), [migration], environment)


def alarms(assembly: Assembly) -> dict[str, str]:
    """Return every alarm's description by the end of its name."""
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    return {
        each["AlarmName"].removeprefix("cutover-personnel-"): each["AlarmDescription"]
        for kind in kinds
        for _, each in assembly.resources(kind)
    }


def test_every_alarm_has_one_entry_and_none_is_invented(synthesised: Assembly) -> None:
    assert sorted(ENTRIES) == sorted(alarms(synthesised))


def test_every_alarm_points_to_its_entry(synthesised: Assembly) -> None:
    for what, description in alarms(synthesised).items():
        assert description.endswith(f"docs/alarms.md#{what}")


def test_alarms_of_the_composite_are_the_critical_entries(synthesised: Assembly) -> None:
    [(_, watch)] = synthesised.resources("AWS::CloudWatch::CompositeAlarm")
    named = re.findall(r'ALARM\("cutover-personnel-([\w-]+)"\)', watch["AlarmRule"])
    critical = re.findall(r"^### (.+)$", section(TEXT, "Critical"), re.MULTILINE)
    assert sorted(["watch", *named]) == sorted(critical)


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_says_what_it_means_where_to_look_and_what_to_do(entry: str) -> None:
    marks = re.findall(r"^\*\*(\w+):\*\* ", section(TEXT, entry), re.MULTILINE)
    assert marks == ["Means", "Look", "Do"]


def test_every_metric_is_explained_with_its_unit() -> None:
    explained: dict[str, Unit] = {}
    for names, units, _, _ in rows(section(TEXT, "What the metrics are")):
        found = re.findall(r"`(\w+)`", names)
        told = units.split(", ") if ", " in units else [units] * len(found)
        explained |= {name: UNITS[unit] for name, unit in zip(found, told, strict=True)}
    assert explained == {metric.value: metric.unit for metric in Metric}
