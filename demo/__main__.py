"""`make demo`: live tables migrate under traffic, and go back, and forward again."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from demo import in_place, paired
from demo.acts import Play
from demo.stage import Stage, stage
from demo.telling import console, say
from shared.model.errors import CutoverError

FOLDER = Path("build") / "demo"
ALL = "all"

ACTS: Mapping[str, Callable[[Stage], Play]] = {
    "personnel": paired.perform,
    "events": in_place.perform,
    "campaigns": in_place.perform,
}
"""The migrations that have a demo, and who performs it."""


def main() -> int:
    """Perform the demo of a migration, or of all; return 1 when anything was lost."""
    asked = sys.argv[1] if len(sys.argv) > 1 else next(iter(ACTS))
    if asked != ALL and asked not in ACTS:
        console.print(f"there is no demo of {asked!r}; use one of: {', '.join(ACTS)}, {ALL}")
        return 2
    shutil.rmtree(FOLDER, ignore_errors=True)
    return max(show(each) for each in (ACTS if asked == ALL else [asked]))


def show(migration: str) -> int:
    """Perform the demo of one migration; return 1 when anything was lost."""
    began = time.monotonic()
    folder = FOLDER / migration
    folder.mkdir(parents=True)
    try:
        with stage(folder, migration, say) as deployed:
            play = ACTS[migration](deployed)
    except (RuntimeError, CutoverError) as error:
        console.print(f"the demo failed: {error}")
        return 1
    return conclude(play, folder / "report.json", time.monotonic() - began)


def conclude(play: Play, report: Path, seconds: float) -> int:
    """Write the report, show its figures, and say whether anything was lost."""
    figures = {
        "acknowledged_writes": play.book.acknowledged,
        "unclear_writes_found_out": play.book.unclear,
        **asdict(play.figures),
        "seconds": round(seconds, 1),
    }
    report.write_text(json.dumps(figures, indent=2) + "\n")
    table = Table(title="What was counted", title_justify="left")
    table.add_column("figure")
    table.add_column("count", justify="right")
    for name, value in figures.items():
        if name != "phases":
            table.add_row(name.replace("_", " "), str(value))
    console.print(table)
    console.print(f"the full report: {report}")
    return 1 if play.figures.lost or play.figures.stale or play.figures.zombies else 0


if __name__ == "__main__":
    sys.exit(main())
