"""Findings cut down to what one item of the ledger holds; pure.

The ledger is read by people: the whole record is in its table, under the finding's key.
"""

from collections.abc import Sequence
from dataclasses import replace

from shared.model.item import NESTING_LIMIT, Item, Value, nesting, size
from shared.model.runs import Difference, Finding

RECORD_BYTES = 300 * 1024
VALUE_BYTES = 1024
DIFFERENCES = 50
LEVELS = NESTING_LIMIT - 3
"""How deep a value in a finding may be: the finding puts levels of its own around it."""


def shortened(finding: Finding) -> Finding:
    """Return a finding that fits; what was left out is said in its reason."""
    notes: list[str] = []
    record = finding.record
    if record is not None:
        record, dropped = _fitting(record)
        if dropped:
            notes.append("record stored without " + ", ".join(dropped))
    differences = finding.differences
    if _too_much(differences):
        differences = tuple(_brief(each) for each in differences[:DIFFERENCES])
        notes.append(f"{len(finding.differences)} differences stored in brief")
    if not notes:
        return finding
    reason = f"{finding.reason} ({'; '.join(notes)})"
    return replace(finding, record=record, differences=differences, reason=reason)


def _fitting(record: Item) -> tuple[Item, list[str]]:
    """Return a record without what is too deep and its largest attributes, and what these were."""
    left = {name: value for name, value in record.items() if nesting(value) <= LEVELS}
    dropped = [
        f"{name} (nested {nesting(record[name])} deep)" for name in sorted({*record} - {*left})
    ]
    if size(left) <= RECORD_BYTES:
        return left, dropped
    for name in sorted(left, key=lambda each: size({each: record[each]}), reverse=True):
        if size(left) <= RECORD_BYTES:
            break
        dropped.append(f"{name} ({size({name: left.pop(name)})} bytes)")
    return left, dropped


def _too_much(differences: Sequence[Difference]) -> bool:
    """Tell whether differences are more, or deeper, than a finding holds."""
    values = (value for each in differences for value in (each.source, each.target))
    too_many = sum(map(_bytes, differences)) > VALUE_BYTES * DIFFERENCES
    return too_many or any(nesting(value) > LEVELS for value in values)


def _bytes(difference: Difference) -> int:
    return size({difference.field: [difference.source, difference.target]})


def _brief(difference: Difference) -> Difference:
    return replace(difference, source=_note(difference.source), target=_note(difference.target))


def _note(value: Value) -> Value:
    """Return a value, or how large or how deep it is when it is that."""
    if nesting(value) > LEVELS:
        return f"… nested {nesting(value)} deep"
    length = size({"": value})
    return value if length <= VALUE_BYTES else f"… {length} bytes"
