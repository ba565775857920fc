"""docs/protocol.md: the sections and rules that the code cites are there."""

import re

from shared.model.stamp import StampNames
from tests.docs.pages import ROOT, headings, page, section

PAGE = page("protocol.md")
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("shared", "functions", "infra", "migrations", "local", "cli")
    for path in sorted((ROOT / folder).rglob("*.py"))
)


def test_every_section_that_the_code_cites_is_a_heading():
    cited = {
        name
        for quoted in re.findall(r'docs/protocol\.md, ((?:"[^"]+"(?: and )?)+)', CODE)
        for name in re.findall(r'"([^"]+)"', quoted)
    }
    assert cited
    assert cited <= set(headings(PAGE))


def test_every_rule_that_the_code_cites_is_numbered():
    cited = {int(number) for number in re.findall(r"\brule (\d+)\b", CODE, re.IGNORECASE)}
    numbered = re.findall(r"^(\d+)\. ", section(PAGE, "Transitions"), re.MULTILINE)
    assert cited
    assert cited <= {int(number) for number in numbered}


def test_the_attributes_are_those_of_the_stamp():
    shown = re.findall(r"^\| `(_cutover_\w+)`", section(PAGE, "Attributes"), re.MULTILINE)
    assert shown == list(StampNames().all)
