"""Findings cut down to what one item of the ledger holds; pure.

The ledger is read by people: the whole record is in its table, under the finding's key.
"""

from dataclasses import replace

from shared.model.item import Item, Value, size
from shared.model.runs import Difference, Finding

RECORD_BYTES = 300 * 1024
VALUE_BYTES = 1024
DIFFERENCES = 50


def shortened(finding: Finding) -> Finding:
    """Return a finding that fits; what was left out is said in its reason."""
    notes: list[str] = []
    record = finding.record
    if record is not None and size(record) > RECORD_BYTES:
        record, dropped = _without_largest(record)
        notes.append("record stored without " + ", ".join(dropped))
    differences = finding.differences
    if sum(_bytes(each) for each in differences) > VALUE_BYTES * DIFFERENCES:
        differences = tuple(_brief(each) for each in differences[:DIFFERENCES])
        notes.append(f"{len(finding.differences)} differences stored in brief")
    if not notes:
        return finding
    reason = f"{finding.reason} ({'; '.join(notes)})"
    return replace(finding, record=record, differences=differences, reason=reason)


def _without_largest(record: Item) -> tuple[Item, list[str]]:
    """Return a record without its largest attributes, and what these were."""
    left = dict(record)
    dropped: list[str] = []
    for name in sorted(record, key=lambda each: size({each: record[each]}), reverse=True):
        if size(left) <= RECORD_BYTES:
            break
        dropped.append(f"{name} ({size({name: left.pop(name)})} bytes)")
    return left, dropped


def _bytes(difference: Difference) -> int:
    return size({difference.field: [difference.source, difference.target]})


def _brief(difference: Difference) -> Difference:
    return replace(difference, source=_note(difference.source), target=_note(difference.target))


def _note(value: Value) -> Value:
    """Return a value, or how large it is when it is large."""
    length = size({"": value})
    return value if length <= VALUE_BYTES else f"… {length} bytes"
