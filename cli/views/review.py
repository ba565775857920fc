"""The views of `review`: what waits for a person, and one record beside what it could become."""

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from cli.screen import inline, printable
from cli.views.diff import form_table, stamp_text
from cli.views.layout import amount, facts, heading, listing, number, whole
from shared.engine.images import Unmovable
from shared.engine.resolution import Resolved
from shared.engine.review import Option, Queue, Shown, Waiting
from shared.engine.side_by_side import Mark, Row, value_of
from shared.model.errors import InvalidInput
from shared.model.item import Item, same
from shared.model.phases import Phase
from shared.model.stamp import StampNames

ABREAST = 3
"""Candidates that fit beside each other."""
LEGEND = "≠ becomes something else"
NOBODY_LOOKED = "no run has gone through everything yet: there may be more"


def queue_view(name: str, found: Queue, limit: int) -> Group:
    """Return the reasons with their counts, then the records."""
    open_ = [each for each in found.records if not each.excluded]
    title = Text(f"{amount(len(open_), 'record')} of {name} in doubt", "bold")
    parts: list[RenderableType] = [title if open_ else Text("no record is in doubt", "green")]
    if found.since is None:
        parts.append(Text(f"  {NOBODY_LOOKED}", "yellow"))
    if not found.records:
        return Group(*parts)
    reasons = Counter((each.field or "", each.reason) for each in found.records).most_common()
    rows = [(number(count), field, reason) for (field, reason), count in reasons]
    parts += [heading("Why"), listing((">RECORDS", "FIELD", "REASON"), rows)]
    parts += [heading("Which"), listing(("KEY", "CANDIDATES"), map(_row, found.records[:limit]))]
    if len(found.records) > limit:
        parts.append(Text(f"  and {number(len(found.records) - limit)} more: --limit", "dim"))
    return Group(*parts, Text(f"\n  look at one: cutover review {name} KEY", "dim"))


def record_view(name: str, phase: Phase, shown: Shown, stamps: StampNames) -> Group:
    """Return one record, what is in doubt about it, and what each answer would make of it."""
    style = "bold yellow" if shown.in_doubt else "bold green"
    word = "in doubt" if shown.in_doubt else "nothing to decide"
    parts: list[RenderableType] = [Text.assemble((word, style), f"  {inline(shown.key)}")]
    if shown.verdict.reason:
        parts.append(Padding(Text(printable(_told(shown))), (0, 0, 0, 2), expand=False))
    told = {"phase": phase.value, "stored": _stamp_text(shown, stamps)}
    if shown.excluded:
        told["excluded"] = "a person left it out of the migration"
    parts += [Text(), facts(told), whole("fingerprint", shown.fingerprint)]
    if shown.options:
        parts += [heading("Candidates"), listing(("NAME", "WHY"), map(_why, shown.options))]
    for table in _tables(shown, stamps):
        parts += [Text(), table]
    if shown.options:
        parts.append(Text(f"  {LEGEND}", "dim"))
    return Group(*parts, *_how(name, shown))


def resolved_view(name: str, done: Resolved) -> Group:
    """Return what was decided, and what becomes of the record."""
    title = Text.assemble(("decided", "bold green"), f"  {inline(done.key)}")
    told = {"decision": done.decision, "version": str(done.version), "then": done.then}
    follow = [whole("follow it", f"cutover status {name} --watch")] if done.execution else []
    return Group(title, facts(told), *follow)


def _row(each: Waiting) -> tuple[str, str]:
    names = ", ".join(each.candidates) or "none: set a value"
    return each.key, "excluded" if each.excluded else names


def _told(shown: Shown) -> str:
    field, reason = shown.verdict.field, shown.verdict.reason
    return reason if not field or field in reason else f"{field}: {reason}"


def _stamp_text(shown: Shown, stamps: StampNames) -> str:
    try:
        return stamp_text(shown.stored, stamps.read(shown.stored))
    except InvalidInput:
        return stamp_text(shown.stored, None)


def _why(option: Option) -> tuple[str, str]:
    unfit = option.becomes
    refused = f"; {unfit.kind}: {unfit.reason}" if isinstance(unfit, Unmovable) else ""
    return option.candidate.name, option.candidate.why + refused


def _tables(shown: Shown, stamps: StampNames) -> Iterator[RenderableType]:
    """Yield the record beside a few candidates at a time."""
    for start in range(0, max(1, len(shown.options)), ABREAST):
        group = shown.options[start : start + ABREAST]
        forms = (shown.stored, *(each.becomes for each in group))
        titles = ("STORED", *(each.candidate.name for each in group))
        yield form_table(titles, forms, _rows(forms, stamps))


def _rows(forms: Sequence[Item | Unmovable], stamps: StampNames) -> list[Row]:
    items = [each for each in forms if isinstance(each, dict)]
    names = dict.fromkeys(name for item in items for name in sorted(item))
    return [Row(name, _mark(items, name)) for name in names if name not in stamps.all]


def _mark(items: Sequence[Item], name: str) -> Mark:
    first, *others = (value_of(item, name) for item in items)
    alike = all(there is first[0] and same(value, first[1]) for there, value in others)
    return Mark.SAME if alike else Mark.DIFFERS


def _how(name: str, shown: Shown) -> list[RenderableType]:
    """Return the command that decides."""
    if not shown.in_doubt:
        return []
    answer = "--choose NAME" if shown.options else """--set '{"NAME": "value"}'"""
    key = shown.key.replace("'", "'\\''")
    line = f"cutover review {name} '{key}' {answer} --shown {shown.fingerprint} --reason \"…\""
    return [Text(), whole("decide", line)]
