"""docs/alarms.md has an entry for every alarm of the synthesised stacks, and for no other."""

import re
from dataclasses import replace

import pytest

from shared import catalogue
from shared.model.environment import LOCAL
from shared.model.metrics import Metric, Unit
from tests.docs.pages import page, rows, section
from tests.in_place import toy
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
    """Return the app of a migration of each kind, of which everything is deployed."""
    following = replace(catalogue.load("personnel"), mode="availability_first")
    limits = replace(LOCAL.thresholds, creates_succeed=98.0)
    both = [placed(each, thresholds=limits) for each in (following, toy.MIGRATION)]
    migrations = [migration for migration, _ in both]
    return synthesise(tmp_path_factory.mktemp("alarms"), migrations, both[0][1])


def alarms(assembly: Assembly) -> list[tuple[str, str]]:
    """Return the end of every alarm's name with its description."""
    kinds = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
    return [
        (each["AlarmName"].split("-", 2)[2], each["AlarmDescription"])
        for kind in kinds
        for _, each in assembly.resources(kind)
    ]


def test_every_alarm_has_one_entry_and_none_is_invented(synthesised: Assembly) -> None:
    assert len(ENTRIES) == len(set(ENTRIES))
    assert set(ENTRIES) == {what for what, _ in alarms(synthesised)}


def test_every_alarm_points_to_its_entry(synthesised: Assembly) -> None:
    for what, description in alarms(synthesised):
        assert description.endswith(f"docs/alarms.md#{what}")


def test_alarms_of_the_composites_are_the_critical_entries(synthesised: Assembly) -> None:
    named = {"watch"}
    for _, watch in synthesised.resources("AWS::CloudWatch::CompositeAlarm"):
        named |= set(re.findall(r'ALARM\("cutover-[a-z]+-([\w-]+)"\)', watch["AlarmRule"]))
    critical = set(re.findall(r"^### (.+)$", section(TEXT, "Critical"), re.MULTILINE))
    assert named == critical
    warnings = {what for what, _ in alarms(synthesised)} - critical
    assert warnings == set(re.findall(r"^### (.+)$", section(TEXT, "Warnings"), re.MULTILINE))


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
