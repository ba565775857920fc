"""docs/features.md: every feature has a row, and every test that a row names exists."""

import re

import pytest

from tests.docs.pages import ROOT, cited_tests, defined_tests, page, rows

ROWS = {row[0]: row for row in rows(page("features.md"))}
EXPECTED = [
    f"{letter}{n:02}"
    for letter, count in {"P": 14, "E": 8, "D": 6}.items()
    for n in range(1, count + 1)
]
NAMED = [
    (identity, path, name)
    for identity, row in ROWS.items()
    for cell in row[3:]
    for path, name in cited_tests(cell)
]
FOLDERS = ("infra", "functions", "shared", "tests")
FILES = ("cdk.json", "app.py", "requirements.txt")
PACKAGES = ("aws-lambda-powertools", "boto3", "pydantic", "moto", "pytest", "aws-cdk-lib")


def test_every_feature_has_one_row_in_order():
    assert list(ROWS) == EXPECTED


@pytest.mark.parametrize("identity", EXPECTED)
def test_a_state_is_one_of_three_and_says_what_is_missing(identity):
    state = ROWS[identity][2]
    assert re.fullmatch(r"Done|Partly: .+|Not yet(: .+)?", state)
    proven = any(named == identity for named, _, _ in NAMED)
    assert proven is not state.startswith("Not yet")


@pytest.mark.parametrize(("identity", "path", "name"), NAMED)
def test_a_named_test_exists(identity, path, name):
    assert name in defined_tests(path)


def test_top_level_has_what_was_asked_for():
    assert [name for name in FOLDERS if not (ROOT / name).is_dir()] == []
    assert [name for name in FILES if not (ROOT / name).is_file()] == []
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    assert set(PACKAGES) <= {name.lower() for name in pinned}
