"""docs/correctness.md: every fault is tried in RAM and at the wire, by tests that exist."""

import pytest

from prove.mutants import MUTANTS
from tests.docs.pages import cited_tests, defined_tests, page, rows, section

PAGE = page("correctness.md")
FAULTS = section(PAGE, "Which fault is tried where")
TRIED = rows(FAULTS)
EXPECTED = [
    "throttling",
    "partial batches",
    "transaction conflicts",
    "cancellations, by reason",
    "timeouts after the effect",
    "duplicated stream records",
    "late stream records",
    "Lambda timeouts",
    "one event, two calls",
    "lost checkpoints",
    "a dead-letter queue that fills, or takes nothing",
    "S3 errors",
    "a slow control table",
    "a silent control table",
]
WORDS = ("simulated", "under writers", "the same two")
"""What the table says in place of the tests that stand above it."""


def test_every_fault_has_one_row_in_order():
    assert [row[0] for row in TRIED] == EXPECTED


@pytest.mark.parametrize("row", TRIED, ids=lambda row: row[0])
def test_a_fault_is_tried_in_ram_and_at_the_wire(row):
    _, *cells = row
    assert len(cells) == 2
    assert all(cited_tests(cell) or cell.startswith(WORDS) for cell in cells)


@pytest.mark.parametrize(("path", "name"), cited_tests(PAGE))
def test_a_named_test_exists(path, name):
    assert name in defined_tests(path)


@pytest.mark.parametrize("row", rows(section(PAGE, "Rules that cannot be missed alone")), ids=str)
def test_what_catches_a_rule_together_with_another_is_a_mutant_by_that_name(row):
    names = [each.strip("` ") for each in row[2].split("`, `")]
    assert names
    assert set(names) <= {mutant.name for mutant in MUTANTS}
