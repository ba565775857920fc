"""Reports of runs, in three forms."""

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from cli.report_csv import cell
from cli.report_html import html_text
from cli.views.measured import measured_rows
from cli.views.report import report_view
from migrations.personnel.sample import generate
from shared.model.phases import Phase
from shared.model.runs import RunKind
from shared.model.writes import Side
from tests.unit.cli.rehearsal import Operator, operator
from tests.unit.engine.conductor import key, legacy


def tampered() -> Operator:
    op = operator(legacy("a", full_name="Ada"), phase=Phase.VALIDATE)
    stored = op.conductor.stored(Side.TARGET, key("a"))
    assert stored is not None
    op.conductor.load(Side.TARGET, {**stored, "full_name": "\x1b[2J[red]Eve"})
    op.conductor.validate()
    return op


def test_a_report_when_a_field_differs_expects_key_field_and_both_values() -> None:
    told = tampered().type("report", "personnel").stdout
    assert "different  EMPLOYEE#a|PROFILE" in told
    assert 'from v1 "Ada"' in told
    assert "[red]Eve" in told
    assert "\x1b" not in told


def test_a_report_when_asked_for_as_json_expects_the_stored_document() -> None:
    op = tampered()
    (found,) = op.json("report", "personnel")["findings"]
    assert [each["field"] for each in found["differences"]] == ["full_name"]
    assert json.loads(op.type("report", "personnel", "--format", "json").stdout)["findings"]


def test_a_report_when_asked_for_as_csv_expects_one_row_per_difference() -> None:
    told = tampered().type("report", "personnel", "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(told))
    assert (row["key"], row["field"], row["source"]) == ("EMPLOYEE#a|PROFILE", "full_name", '"Ada"')


def test_a_report_when_records_cannot_move_expects_each_with_its_reason() -> None:
    op = operator(*generate(1, 4, unmovable=4))
    run = op.conductor.dry_run()
    told = op.type("report", "personnel", run.run_id).stdout
    assert "Findings  4" in told
    assert "active is neither true nor false" in told


def test_a_report_when_written_to_a_file_expects_nothing_but_its_name_on_the_screen(
    tmp_path: Path,
) -> None:
    op = tampered()
    for form in ("text", "html", "json", "csv"):
        file = tmp_path / form
        result = op.type("report", "personnel", "--format", form, "--output", str(file))
        assert str(file) in result.stdout
        assert "EMPLOYEE#a" in file.read_text()
        assert "EMPLOYEE#a" not in result.stdout


def test_a_report_when_its_file_cannot_be_written_expects_exit_2(tmp_path: Path) -> None:
    error = tampered().json("report", "personnel", "--output", str(tmp_path / "no/x"), exits=2)
    assert error["error"]["field"] == "--output"


def test_a_report_when_the_run_is_under_way_or_there_is_none_expects_exit_1() -> None:
    op = operator(legacy("a"))
    assert op.json("report", "personnel", exits=1)["error"]["code"] == "not_found"
    started = op.conductor.begin(RunKind.BACKFILL, dry_run=True)
    error = op.json("report", "personnel", started.run_id, exits=1)["error"]
    assert "has no report yet" in error["message"]


# -- what a spreadsheet and a browser make of it


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "-2+3+cmd|' /C calc'!A0",
        "%0a=1",
        "\uff1d1+1",
        "\ufeff=1",
    ],
)
def test_a_cell_when_it_begins_like_a_formula_expects_an_apostrophe_before_it(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a\t @SUM(A1)", "a\t' @SUM(A1)"),
        ("=1;=2", "'=1;'=2"),
        ("a; b", "a; b"),
    ],
)
def test_a_cell_when_another_separator_would_make_two_of_it_expects_neither_to_be_a_formula(
    text: str, safe: str
) -> None:
    assert cell(text) == safe


@pytest.mark.parametrize("text", ["-5", "+5", "-1.5e-3", "EMPLOYEE#a|PROFILE", '"=1"', "", "a=b"])
def test_a_cell_when_it_is_a_number_or_a_text_expects_it_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_a_csv_when_a_key_is_a_formula_expects_no_cell_to_begin_like_one() -> None:
    op = operator({"PK": "=HYPERLINK(1)", "SK": "PROFILE", "full_name": "Ada"})
    run = op.conductor.dry_run()
    told = op.type("report", "personnel", run.run_id, "--format", "csv").stdout
    (row,) = csv.DictReader(io.StringIO(told))
    assert row["key"] == "'=HYPERLINK(1)|PROFILE"


@pytest.mark.parametrize("form", ["text", "csv", "html", "json"])
def test_a_report_on_the_screen_when_a_record_steers_terminals_expects_it_spelled_out(
    form: str,
) -> None:
    steering = "\x1b[2J\x9b31m\u202e\x7f[red]a"
    op = operator({"PK": steering, "SK": "PROFILE", "full_name": "Ada"})
    run = op.conductor.dry_run()
    told = op.type("report", "personnel", run.run_id, "--format", form).stdout
    assert told.replace("\n", "").isprintable()
    assert "[red]a" in told
    if form == "json":
        assert json.loads(told)["findings"][0]["key"] == f"{steering}|PROFILE"


class Page(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_when_a_record_holds_markup_expects_it_as_text_and_nothing_loaded() -> None:
    op = operator(legacy("a", full_name="Ada"), phase=Phase.VALIDATE)
    stored = op.conductor.stored(Side.TARGET, key("a"))
    assert stored is not None
    evil = "<script>alert(1)</script><img src=//evil onerror=x>\x1b[2J"
    op.conductor.load(Side.TARGET, {**stored, "full_name": evil})
    op.conductor.validate()
    page = Page(op.type("report", "personnel", "--format", "html").stdout)
    assert "<script>alert(1)</script>" in page.text
    assert "\\u001b[2J" in page.text
    assert {"script", "img", "link", "iframe", "a"}.isdisjoint(page.tags)
    assert {"src", "href", "onerror"}.isdisjoint(page.attributes)
    assert page.attributes["content"] is not None
    assert "default-src 'none'" in op.type("report", "personnel", "--format", "html").stdout
    assert "@media print" in page.text


def test_a_page_when_nothing_was_found_expects_counts_and_indexes() -> None:
    op = operator(*generate(1, 5), phase=Phase.VALIDATE)
    page = Page(op.type("report", "personnel", "--format", "html").stdout)
    assert "No record was found wanting." in page.text
    assert "GSI1-NameIndex" in page.text
    assert page.tags.count("table") == 2


FIGURES = {
    "requests": 1200,
    "error_rate": 0.25,
    "reads_v1": {"p50": 3.0, "p95": 10.0, "samples": 900},
    "reads_v2": {"p50": 3.0, "p95": 12.0, "samples": 100},
    "writes": None,
    "compared": {"reads": 20.0},
}
MEASURED = {
    "baseline": {**FIGURES, "reads_v2": None, "compared": {"reads": None}},
    "measured": [
        {"phase": "READ_N", "percent": 10, "missing": "", **FIGURES},
        {"phase": "READ_V2", "percent": 100, "missing": "the metrics cannot be had: <slow>"},
    ],
}
STEP = {"phase": "READ_N", "reads_percent": 10, "since": "2026-11-21T06:00:00+00:00"}
COMPARED = {**STEP, "compared": 51, "raced": 2, "lagging": 0, "real": 1, "differing": ["a"]}


def test_figures_when_phases_were_measured_expect_each_beside_the_one_before() -> None:
    assert measured_rows(MEASURED) == [
        ("before", "", "1,200", "0.25 %", "10.0", "-", "-", "-"),
        ("READ_N", "10 %", "1,200", "0.25 %", "10.0", "12.0", "-", "+20 %"),
        ("READ_V2", "100 %", "-", "-", "-", "-", "-", "-"),
    ]
    assert measured_rows({}) == []


def test_a_report_when_phases_were_measured_expects_them_as_text_and_on_the_page() -> None:
    op = operator(*generate(1, 3), phase=Phase.VALIDATE)
    document = op.json("report", "personnel")
    document["facts"] |= MEASURED
    document["shadow_reads"] = [COMPARED]
    page = Page(html_text(document))
    told = io.StringIO()
    Console(file=told, width=80).print(report_view(document))
    for shown in (page.text, told.getvalue()):
        assert "What callers saw" in shown
        assert "+20 %" in shown
        assert "the metrics cannot be had: <slow>" in shown
        assert "Shadow reads" in shown
    assert max(map(len, told.getvalue().splitlines())) <= 80
