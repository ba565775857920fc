"""The view of `doctor`: what is wrong, how one can tell, and its mend."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cli.screen import printable
from cli.views.layout import amount, facts, plain_ids
from shared.engine.disease import Diagnosis

Treated = tuple[Diagnosis, str | None]
"""A diagnosis, and what was done about it (None: nothing)."""


def diagnosis_view(name: str, found: Sequence[Treated], *, mended: bool) -> Group:
    """Return all diagnoses, with what was done or how to do it."""
    if not found:
        return Group(Text.assemble((f"{name} is well", "bold green"), ": nothing is wrong with it"))
    parts: list[RenderableType] = [
        Text.assemble((name, "bold"), f": {amount(len(found), 'problem')} found")
    ]
    for each, done in found:
        parts += [Text(), *_diagnosis(each, done)]
    open_ = [each for each, done in found if each.mendable and done is None]
    if open_ and not mended:
        parts += [Text(), Text(f"  doctor can mend {len(open_)}: cutover doctor {name} --mend")]
    return Group(*parts)


def _diagnosis(found: Diagnosis, done: str | None) -> list[RenderableType]:
    title = Text.assemble("  ", (found.disease.value, "yellow"), f"  {printable(found.what)}")
    rows: dict[str, str | Text] = {
        "evidence": "\n".join(printable(plain_ids(each)) for each in found.evidence)
    }
    if done is not None:
        rows["mended"] = Text(printable(done), "green")
    else:
        rows["mend"] = found.mend
        rows["who"] = "doctor, with --mend" if found.mendable else "a person"
    return [title, facts(rows)]
