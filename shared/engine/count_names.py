"""What people call the counts of a run: a dry run writes nothing, a restore puts back."""

from shared.model.runs import RunKind

_RESTORED = {"written": "restored", "mismatched": "in conflict", "repaired": "lowered"}
_CALLED: dict[str, dict[str, str]] = {
    RunKind.DRY_RUN: {"written": "can move"},
    RunKind.RESTORE: _RESTORED,
}


def count_name(name: str, kind: str | None, *, in_place: bool) -> str:
    """Return what people call a count; a rollback in place is made of restores."""
    called = _RESTORED if in_place and kind == RunKind.ROLLBACK else _CALLED.get(kind or "", {})
    return called.get(name, name.replace("_", " "))
