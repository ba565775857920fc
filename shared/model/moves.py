"""The one table of moves between phases, and what must hold before each.

The CLI's verbs, the engine's guards, the state machines and the docs' diagram all derive
from `MOVES` (docs/protocol.md, "Transitions").
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from shared.model.errors import InvalidInput
from shared.model.phases import Phase


class Guard(StrEnum):
    """What must hold before a move; each is checked in engine/guards.py."""

    SETTLED = "settled"
    DRY_RUN = "dry_run"
    BACKFILLED = "backfilled"
    SYNCED = "synced"
    RESTORED = "restored"
    CERTIFICATE = "certificate"
    ACKNOWLEDGED = "acknowledged"
    SOAKED = "soaked"
    QUIET = "quiet"
    APPROVED = "approved"
    EXCLUSIONS_RELEASED = "exclusions_released"
    EXPORT_VERIFIED = "export_verified"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed change of phase, why it exists, and what must hold before it."""

    start: Phase
    end: Phase
    reason: str
    guards: frozenset[Guard]

    @property
    def forward(self) -> bool:
        """Tell whether the move leads towards the end of its way."""
        return self.end.order > self.start.order


def _move(start: Phase, end: Phase, reason: str, *guards: Guard) -> Move:
    """Return a move; every way forward waits for the person whom an alarm has called."""
    move = Move(start, end, reason, frozenset(guards))
    return replace(move, guards=move.guards | {Guard.ACKNOWLEDGED}) if move.forward else move


_P, _G = Phase, Guard

PAIRED_MOVES: tuple[Move, ...] = (
    _move(_P.OFF, _P.DUAL_WRITE, "writers begin to keep v2 in lock step", _G.SETTLED, _G.DRY_RUN),
    _move(_P.OFF, _P.DUAL_AF, "v2 begins to follow v1's writes", _G.SETTLED, _G.DRY_RUN),
    _move(
        _P.DUAL_AF,
        _P.DUAL_WRITE,
        "v2 has caught up: from here it is kept in lock step",
        _G.SETTLED,
        _G.BACKFILLED,
        _G.SYNCED,
    ),
    _move(_P.DUAL_WRITE, _P.VALIDATE, "every old record is in v2", _G.SETTLED, _G.BACKFILLED),
    _move(
        _P.VALIDATE,
        _P.SHADOW_READ,
        "both tables were compared and agree",
        _G.SETTLED,
        _G.CERTIFICATE,
    ),
    _move(
        _P.SHADOW_READ,
        _P.READ_N,
        "a share of the readers goes to v2",
        _G.SETTLED,
        _G.CERTIFICATE,
        _G.SOAKED,
        _G.QUIET,
        _G.APPROVED,
    ),
    _move(
        _P.READ_N,
        _P.READ_V2,
        "v2 becomes the primary",
        _G.SETTLED,
        _G.CERTIFICATE,
        _G.SOAKED,
        _G.QUIET,
        _G.APPROVED,
    ),
    _move(
        _P.READ_V2,
        _P.WRITE_V2_ONLY,
        "v1 is no longer written",
        _G.SETTLED,
        _G.SOAKED,
        _G.QUIET,
        _G.APPROVED,
    ),
    _move(
        _P.READ_V2,
        _P.V2_AF,
        "v1 only follows v2's writes, and fails none",
        _G.SETTLED,
        _G.SOAKED,
        _G.QUIET,
        _G.APPROVED,
    ),
    _move(
        _P.V2_AF,
        _P.WRITE_V2_ONLY,
        "v1 is no longer written",
        _G.SETTLED,
        _G.QUIET,
        _G.APPROVED,
    ),
    _move(
        _P.WRITE_V2_ONLY,
        _P.ARCHIVED,
        "v1 is exported, verified and closed for writes",
        _G.SETTLED,
        _G.SOAKED,
        _G.QUIET,
        _G.APPROVED,
        _G.EXCLUSIONS_RELEASED,
        _G.EXPORT_VERIFIED,
    ),
    _move(
        _P.ARCHIVED,
        _P.DECOMMISSIONED,
        "v1 is deleted; nothing rolls back from here",
        _G.SETTLED,
        _G.SOAKED,
        _G.QUIET,
        _G.APPROVED,
        _G.EXPORT_VERIFIED,
    ),
    _move(_P.DUAL_WRITE, _P.OFF, "writers leave v2 alone again", _G.SETTLED),
    _move(_P.DUAL_WRITE, _P.DUAL_AF, "v2 only follows, and fails no write of v1", _G.SETTLED),
    _move(_P.DUAL_AF, _P.OFF, "writers leave v2 alone again", _G.SETTLED),
    _move(_P.VALIDATE, _P.DUAL_WRITE, "back to where records are copied"),
    _move(_P.SHADOW_READ, _P.VALIDATE, "no reader has moved yet"),
    _move(_P.READ_N, _P.SHADOW_READ, "readers go home to v1, which is still primary", _G.SETTLED),
    _move(
        _P.READ_V2,
        _P.READ_N,
        "v1 becomes the primary again",
        _G.SETTLED,
        _G.CERTIFICATE,
    ),
    _move(_P.WRITE_V2_ONLY, _P.READ_V2, "v1 is written again", _G.SETTLED),
    _move(_P.WRITE_V2_ONLY, _P.V2_AF, "v1 begins to follow v2's writes", _G.SETTLED),
    _move(_P.V2_AF, _P.READ_V2, "v1 is written in lock step again", _G.SETTLED),
    _move(_P.ARCHIVED, _P.WRITE_V2_ONLY, "v1 is open for writes again"),
)
"""The moves of a migration from one table to another."""

IN_PLACE_MOVES: tuple[Move, ...] = (
    _move(_P.OFF, _P.READ_BOTH, "readers accept both shapes", _G.SETTLED, _G.DRY_RUN),
    _move(
        _P.READ_BOTH,
        _P.WRITE_NEW,
        "a share of the writes leaves the new shape",
        _G.SETTLED,
        _G.SOAKED,
        _G.QUIET,
        _G.APPROVED,
    ),
    _move(
        _P.WRITE_NEW,
        _P.VALIDATE,
        "every old record is in the new shape",
        _G.SETTLED,
        _G.SOAKED,
        _G.BACKFILLED,
    ),
    _move(
        _P.VALIDATE,
        _P.DONE,
        "every record was looked at and is in the new shape",
        _G.SETTLED,
        _G.CERTIFICATE,
        _G.QUIET,
        _G.APPROVED,
        _G.EXCLUSIONS_RELEASED,
    ),
    _move(_P.DONE, _P.VALIDATE, "records may be restored again", _G.SETTLED),
    _move(_P.VALIDATE, _P.WRITE_NEW, "back to where records are upgraded", _G.SETTLED),
    _move(_P.WRITE_NEW, _P.READ_BOTH, "no write leaves the new shape any more", _G.SETTLED),
    _move(_P.READ_BOTH, _P.OFF, "no record is in the new shape any more", _G.SETTLED, _G.RESTORED),
)
"""The moves of a migration within one table."""

MOVES = PAIRED_MOVES + IN_PLACE_MOVES

_BY_ENDS = {(move.start, move.end): move for move in MOVES}


def move_between(start: Phase, end: Phase, way: Sequence[Phase] = tuple(Phase)) -> Move:
    """Return the declared move; raise InvalidInput naming the ends that a way allows, if none."""
    found = _BY_ENDS.get((start, end))
    if found is not None:
        return found
    ends = [move.end for move in MOVES if move.start is start and move.end in way]
    raise InvalidInput(
        f"there is no move from {start} to {end}",
        field="to_phase",
        mend=f"from {start} the next phase is one of: {', '.join(ends) or 'none'}",
    )


def next_towards(start: Phase, goal: Phase, way: Sequence[Phase]) -> Phase:
    """Return the next phase of a way to the goal; the goal must differ from the start."""
    if goal.order > start.order:
        return next(phase for phase in way if phase.order > start.order)
    return next(phase for phase in reversed(way) if phase.order < start.order)
