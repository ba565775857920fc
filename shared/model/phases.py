"""The phases of both kinds of migrations (docs/protocol.md, "Phases").

Writers in the DUAL class behave alike, so moves inside a class need no settle.
"""

from enum import StrEnum

from shared.model.errors import InvalidInput
from shared.model.writes import Side


class Phase(StrEnum):
    """Where a migration is; the names are the same everywhere.

    Each kind of migration has a way of its own among them: `PAIRED` from one table to another,
    `IN_PLACE` within one.
    """

    OFF = "OFF"
    READ_BOTH = "READ_BOTH"
    WRITE_NEW = "WRITE_NEW"
    DUAL_AF = "DUAL_AF"
    DUAL_WRITE = "DUAL_WRITE"
    VALIDATE = "VALIDATE"
    DONE = "DONE"
    SHADOW_READ = "SHADOW_READ"
    READ_N = "READ_N"
    READ_V2 = "READ_V2"
    V2_AF = "V2_AF"
    WRITE_V2_ONLY = "WRITE_V2_ONLY"
    ARCHIVED = "ARCHIVED"
    DECOMMISSIONED = "DECOMMISSIONED"

    @classmethod
    def named(cls, text: str, field: str) -> "Phase":
        """Return the phase of this name; raise InvalidInput that lists all names."""
        try:
            return cls(text)
        except ValueError:
            raise InvalidInput(
                f"{text!r} is not a phase", field=field, mend="use one of " + ", ".join(cls)
            ) from None

    @property
    def order(self) -> int:
        """Return the phase's place on the way forward, from 0."""
        return _ORDER[self]

    @property
    def group(self) -> "PhaseClass":
        """Return the class of phases in which writers behave alike."""
        return _CLASSES.get(self, PhaseClass.DUAL)

    @property
    def primary(self) -> Side:
        """Return the table that decides what is true in this phase."""
        return Side.SOURCE if self.order <= Phase.READ_N.order else Side.TARGET

    @property
    def ramped(self) -> bool:
        """Tell whether a share of the keys is in the phase, and the others still before it."""
        return self in RAMPED

    @property
    def source_exists(self) -> bool:
        """Tell whether v1 must still be there."""
        return self is not Phase.DECOMMISSIONED

    @property
    def dual(self) -> bool:
        """Tell whether a write goes to both tables in one transaction."""
        return self.group in _DUAL

    @property
    def follows(self) -> bool:
        """Tell whether the other table follows the primary after each write, and may lag."""
        return self in DETOURS


_ORDER = {phase: at for at, phase in enumerate(Phase)}


class PhaseClass(StrEnum):
    """Phases with the same behaviour of readers and writers; adjacency is between classes."""

    OFF = "OFF"
    READ_BOTH = "READ_BOTH"
    WRITE_NEW = "WRITE_NEW"
    DUAL_AF = "DUAL_AF"
    DUAL = "DUAL"
    DONE = "DONE"
    READ_N = "READ_N"
    READ_V2 = "READ_V2"
    V2_AF = "V2_AF"
    WRITE_V2_ONLY = "WRITE_V2_ONLY"
    DECOMMISSIONED = "DECOMMISSIONED"


_CLASSES = {
    Phase.OFF: PhaseClass.OFF,
    Phase.READ_BOTH: PhaseClass.READ_BOTH,
    Phase.WRITE_NEW: PhaseClass.WRITE_NEW,
    Phase.DONE: PhaseClass.DONE,
    Phase.DUAL_AF: PhaseClass.DUAL_AF,
    Phase.READ_N: PhaseClass.READ_N,
    Phase.READ_V2: PhaseClass.READ_V2,
    Phase.V2_AF: PhaseClass.V2_AF,
    Phase.WRITE_V2_ONLY: PhaseClass.WRITE_V2_ONLY,
    Phase.ARCHIVED: PhaseClass.WRITE_V2_ONLY,
    Phase.DECOMMISSIONED: PhaseClass.DECOMMISSIONED,
}


IN_PLACE = (Phase.OFF, Phase.READ_BOTH, Phase.WRITE_NEW, Phase.VALIDATE, Phase.DONE)
"""The way of a migration within one table."""

IN_PLACE_ONLY = frozenset({Phase.READ_BOTH, Phase.WRITE_NEW, Phase.DONE})
"""The phases that only a migration within one table has."""

PAIRED = tuple(phase for phase in Phase if phase not in IN_PLACE_ONLY)
"""The way of a migration from one table to another, in the availability-first mode."""

DETOURS = (Phase.DUAL_AF, Phase.V2_AF)
"""The phases of the availability-first mode; other migrations pass them by."""

DIRECT = tuple(phase for phase in PAIRED if phase not in DETOURS)
"""The way of a migration from one table to another without that mode."""

RAMPED = frozenset({Phase.READ_N, Phase.WRITE_NEW})
"""The phases that are entered a share of the keys at a time."""

_DUAL = frozenset({PhaseClass.DUAL, PhaseClass.READ_N, PhaseClass.READ_V2})
"""The classes that write both tables in one transaction."""

CERTIFIED = _DUAL | {PhaseClass.DONE}
"""The classes among which a certificate survives."""


SHADOWED = frozenset({Phase.SHADOW_READ, Phase.READ_N, Phase.READ_V2})
"""The phases in which a share of the reads is compared in both tables."""
