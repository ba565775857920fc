"""The parts of the docs that are made from the code are as the code would make them."""

import re

import pytest

from shared.model.moves import Guard
from shared.model.phases import IN_PLACE, PAIRED
from tests.docs.generated import PARTS, part
from tests.docs.pages import page, prose, rows, section


@pytest.mark.parametrize("name", PARTS)
def test_a_made_part_is_what_the_code_says(name):
    document, make = PARTS[name]
    assert part(page(document), name) == make(), "run `python -m tests.docs.generated`"


def test_every_guard_is_explained_and_none_is_invented():
    explained = [row[0].strip("`") for row in rows(section(page("phases.md"), "Guards"))]
    assert sorted(explained) == sorted(Guard)


@pytest.mark.parametrize(("title", "way"), [("Phases", PAIRED), ("In place", IN_PLACE)])
def test_every_phase_of_a_way_is_explained_and_no_other(title, way):
    explained = re.findall(r"^- `(\w+)`: ", prose(section(page("phases.md"), title)), re.MULTILINE)
    assert explained == list(way)
