"""A report as one HTML page that stands alone: no script, nothing loaded, fit to be printed.

Everything from a record is escaped, and the page's own policy lets a browser run and fetch
nothing, so that a record cannot act in the browser of the person who reads about it.
"""

from collections.abc import Iterable
from html import escape
from typing import Any

from cli.screen import printable
from cli.times import moment, seconds_of, span
from cli.views.criteria import MARKS
from cli.views.launched import COUNTS
from cli.views.layout import amount, number
from cli.views.measured import COLUMNS, measured_gaps, measured_rows
from cli.views.report import findings_in, kinds_of, sides, trouble_in, value_text
from shared.engine.count_names import count_name

STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.where { margin-top: .2rem; opacity: .75; }
.status { font-size: .9rem; border: 1px solid; border-radius: .3rem; padding: .1rem .5rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; }
td, th { border-bottom: 1px solid #8884; overflow-wrap: break-word; }
td:has(code) { min-width: 11rem; overflow-wrap: anywhere; }
th { font-weight: 600; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, monospace; font-size: .9em; white-space: pre-wrap; }
.bad { color: #c22; font-weight: 600; }
.good { color: #284; }
@media print {
  body { max-width: none; margin: 0; font-size: 10pt; color: #000; background: #fff; }
  tr, li { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_text(document: dict[str, Any]) -> str:
    """Return a report (shared/engine/reports.py) as a page."""
    title = f"{document['kind']} of {document['migration']}: {document['status']}"
    parts = (_head, _counts, _indexes, _shadow_reads, _callers, _criteria, _found)
    body = "\n".join(line for part in parts for line in part(document))
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_safe(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _safe(value: Any) -> str:
    return escape(printable(str(value)))


def _head(document: dict[str, Any]) -> Iterable[str]:
    started = seconds_of(document["started_at"])
    times = f"started {moment(started)}"
    if document["finished_at"]:
        times += f", took {span(seconds_of(document['finished_at']) - started)}"
    yield f"<h1>{_safe(document['kind'])} of {_safe(document['migration'])}"
    yield f'<span class="status">{_safe(document["status"])}</span></h1>'
    yield f'<p class="where">run <code>{_safe(document["run_id"])}</code>, in'
    yield f"{_safe(document['phase'])}, {times}, attempt {document['attempts']}</p>"
    for name, why in trouble_in(document).items():
        yield f'<p class="bad">{name.capitalize()}: {_safe(why)}</p>'


def _counts(document: dict[str, Any]) -> Iterable[str]:
    yield "<h2>Counted</h2>"
    names = [name for name in COUNTS if document[name] or name == "scanned"]
    kind, in_place = document["kind"], bool(document.get("in_place"))
    rows = (
        f'<tr><th scope="row">{_safe(count_name(name, kind, in_place=in_place))}</th>'
        f'<td class="number">{number(document[name])}</td></tr>'
        for name in names
    )
    yield _table("", rows)


def _indexes(document: dict[str, Any]) -> Iterable[str]:
    indexes: dict[str, dict[str, int]] = document["facts"].get("indexes") or {}
    if not indexes:
        return
    yield "<h2>Indexes of v2</h2>"
    rows = []
    for name, each in sorted(indexes.items()):
        style = "good" if each["found"] == each["expected"] else "bad"
        rows.append(
            f"<tr><td>{_safe(name)}</td>"
            f'<td class="number">{number(each["expected"])}</td>'
            f'<td class="number {style}">{number(each["found"])}</td></tr>'
        )
    head = '<th>index</th><th class="number">expected</th><th class="number">found</th>'
    yield _table(head, rows)


def _shadow_reads(document: dict[str, Any]) -> Iterable[str]:
    steps = document.get("shadow_reads") or []
    if not steps:
        return
    yield "<h2>Shadow reads</h2>"
    names = ("phase", "reads_percent", "since", "compared", "raced", "lagging", "real")
    rows = ("".join(f"<td>{_safe(each[name])}</td>" for name in names) for each in steps)
    head = "".join(f"<th>{name.replace('_', ' ')}</th>" for name in names)
    yield _table(head, (f"<tr>{row}</tr>" for row in rows))


def _callers(document: dict[str, Any]) -> Iterable[str]:
    rows = measured_rows(document["facts"])
    if not rows:
        return
    yield "<h2>What callers saw</h2>"
    head = "".join(f"<th>{_safe(name.removeprefix('>').lower())}</th>" for name in COLUMNS)
    cells = ("".join(f"<td>{_safe(each)}</td>" for each in row) for row in rows)
    yield _table(head, (f"<tr>{row}</tr>" for row in cells))
    yield "<p>Latencies are in milliseconds.</p>"
    for gap in measured_gaps(document["facts"]):
        yield f'<p class="bad">{_safe(gap)}</p>'


def _criteria(document: dict[str, Any]) -> Iterable[str]:
    checklist = document["facts"].get("criteria") or []
    if not checklist:
        return
    yield "<h2>Success criteria</h2>"
    rows = (
        "".join(f"<td>{_safe(cell)}</td>" for cell in (MARKS[each["met"]][0], name, evidence))
        for each in checklist
        for name, evidence in [(each["name"], each["evidence"])]
    )
    yield _table(
        "<th></th><th>criterion</th><th>evidence</th>", (f"<tr>{row}</tr>" for row in rows)
    )


def _found(document: dict[str, Any]) -> Iterable[str]:
    findings = findings_in(document)
    yield f"<h2>{amount(len(findings), 'finding')}</h2>"
    if told := kinds_of(findings):
        yield f"<p>{_safe(told)}</p>"
    if not findings:
        yield '<p class="good">No record was found wanting.</p>'
        return
    head = "<th>record</th><th>what</th><th>why</th><th>field</th>"
    head += "".join(f"<th>{name}</th>" for name in sides(document))
    yield _table(head, (row for each in findings for row in _rows(each)))


def _rows(found: dict[str, Any]) -> Iterable[str]:
    what = _safe(found["kind"]) + (", repaired" if found["repaired"] else "")
    start = f"<td><code>{_safe(found['key'])}</code></td><td>{what}</td>"
    start += f"<td>{_safe(found['reason'])}</td>"
    for each in found["differences"]:
        values = "".join(
            f"<td><code>{_safe(value_text(each[side]))}</code></td>"
            for side in ("source", "target")
        )
        yield f"<tr>{start}<td>{_safe(each['field'])}</td>{values}</tr>"
    if not found["differences"]:
        yield f"<tr>{start}<td>{_safe(found['field'] or '')}</td><td></td><td></td></tr>"


def _table(head: str, rows: Iterable[str]) -> str:
    top = f"<thead><tr>{head}</tr></thead>" if head else ""
    return f"<table>{top}<tbody>\n" + "\n".join(rows) + "\n</tbody></table>"
