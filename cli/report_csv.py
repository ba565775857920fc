"""A report's findings as CSV that a spreadsheet cannot be made to run anything by.

Records hold what users typed. A cell that begins like a formula is executed on opening, so it
gets an apostrophe before it (OWASP, "CSV Injection"); a plain number is none and stays a number.
"""

import csv
import io
import re
from typing import Any

from cli.views.report import findings_in, value_text

COLUMNS = ("key", "kind", "reason", "field", "repaired", "source", "target")
_FORMULA = re.compile(r"[\s\ufeff\u200b]*[=+\-@|%\t\r\uff1d\uff0b\uff0d\uff20]")
"""What a formula begins with; East Asian spreadsheets take the full-width forms for the same."""
_LATER = re.compile(r"(;|(?<=[\s\S])\t)(?=[\s\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a formula begins for a spreadsheet that takes another sign than the comma between cells."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def csv_text(document: dict[str, Any]) -> str:
    """Return one row for each difference, or for each finding that has none."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for found in findings_in(document):
        start = (found["key"], found["kind"], found["reason"])
        for each in found["differences"]:
            values = (value_text(each["source"]), value_text(each["target"]))
            rows.writerow(map(cell, (*start, each["field"], found["repaired"], *values)))
        if not found["differences"]:
            rows.writerow(map(cell, (*start, found["field"] or "", found["repaired"], "", "")))
    return text.getvalue()


def cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet takes for a formula."""
    text = _LATER.sub(r"\1'", str(value))
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
