"""Writers of one table alone, and what may begin where, without one of their rules."""

from typing import Any

import shared.engine.runs as runs
import shared.engine.single_write as single_write
from prove.mutants.patching import ALONE, OFF, READ_V2, Mutant, asks, never, plan
from prove.scenarios import Fault
from prove.steps import BACKFILL
from shared.model.phases import Phase


def _nothing(_partition: str) -> None:
    """Ask for nothing."""


def _send_again(self: Any, _operation: Any, action: Any, *_read: Any) -> Any:
    """Send a write whose answer was lost again, whatever is stored by now."""
    return self._world.tables.write(action) or {}


SINGLE: tuple[Mutant, ...] = (
    Mutant(
        "a single create overwrites",
        ((single_write, "Missing", _nothing),),
        (OFF, ALONE),
        plan=plan((Phase.OFF, "absent"), (), asks("create"), asks("create")),
    ),
    Mutant(
        "a single update makes a record",
        ((single_write, "Exists", _nothing),),
        (OFF, ALONE),
        plan=plan((Phase.OFF, "created"), (), asks("rename"), asks("delete")),
    ),
    Mutant(
        "a single write is sent again blindly",
        ((single_write.SingleWriter, "_find_out", _send_again),),
        (OFF, ALONE),
        plan=plan(
            (Phase.OFF, "created"),
            (),
            asks("rename"),
            asks("get", "rename", "get"),
            faults=[Fault(0, 1, writes=True, kinds=("lost after",))],
        ),
    ),
    Mutant(
        "a backfill runs in any phase",
        ((runs, "refuse_unfit", never),),
        (READ_V2,),
        plan=plan((Phase.READ_V2, "created"), (BACKFILL,), asks("delete"), asks("get")),
    ),
)
