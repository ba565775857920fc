"""What is known of a run beside what its actors know, whatever kind of migration it is of."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from prove.commits import HalfCommits
from shared.memory.store import MemoryStore
from shared.model.control import AuditEntry, ControlState
from shared.model.item import Item
from shared.model.key import Key
from shared.model.moves import MOVES
from shared.model.phases import PhaseClass
from shared.model.writes import Action, Side
from shared.ports import TableDescription

Place = tuple[Side, Key]

ADJACENT = frozenset(frozenset((move.start.group, move.end.group)) for move in MOVES)
"""The classes of phases that may be in force beside each other."""
FAR = "more than one class"
"""What no writer may ever be from the phase in force (docs/protocol.md, "Transitions")."""


class Witness(ABC):
    """Who sees each write and each move of a run, and the branches that it went through."""

    def __init__(
        self,
        store: MemoryStore,
        state: ControlState,
        *,
        now: Callable[[], float],
        late: Side | None = None,
    ) -> None:
        self.store = store
        self.state = state
        self.now = now
        self.branches: set[str] = set()
        self.commits = HalfCommits(late, self.branches)
        self.at_home: set[str] = set()
        self.blameless = False
        self.dead_until = 0.0
        """Until when a replica that nobody needs answers nothing but errors."""
        self._acts_on: dict[str, PhaseClass] = {}
        self._described: dict[Side, tuple[object, TableDescription]] = {}

    def before(self, places: Sequence[Place]) -> dict[Place, Item | None]:
        """Return what lies at some places."""
        return {(side, key): self.store.table(side).read(key) for side, key in places}

    def looked(self, actor: str, state: ControlState) -> None:
        """Note the phase that an actor was told, and acts on from now on."""
        self._acts_on[actor] = state.phase.group

    def acts(self, actor: str, *, writes: bool) -> None:
        """Note whether whoever reads or writes a table now acts on another phase than is so."""
        group, now = self._acts_on.get(actor), self.state.phase.group
        if group is not None and group is not now:
            near = frozenset((group, now)) in ADJACENT
            what = "write" if writes else "read"
            self.branches.add(f"{what} {'one class' if near else FAR} apart")

    @abstractmethod
    def sent(self, actor: str, token: str) -> None:
        """Note that a transaction is sent, once or again."""

    @abstractmethod
    def refused(self, actor: str, actions: Sequence[Action], failed: Sequence[int]) -> None:
        """Note which condition of a transaction did not hold."""

    @abstractmethod
    def wrote(self, places: Sequence[Place]) -> None:
        """Hold a write against the invariants."""

    @abstractmethod
    def moved(self, state: ControlState, audit: AuditEntry) -> None:
        """Hold a change of the control item against the invariants."""

    def described(self, side: Side) -> TableDescription:
        """Return what a table says of itself, as long as it is the same table."""
        table = self.store.table(side)
        known = self._described.get(side)
        if known is None or known[0] is not table:
            known = self._described[side] = (table, table.describe())
        return known[1]

    def down(self, side: Side) -> bool:  # noqa: ARG002 whoever has no replica has none down
        """Tell whether a table is out of order."""
        return False

    def told_at_home(self, actor: str) -> bool:
        """Tell whether an actor was last told what the old shape holds, and no more."""
        return actor in self.at_home

    def closed(self) -> bool:
        """Tell whether the table is closed for writes."""
        return False

    def settled_in_detour(self) -> bool:
        """Tell whether every instance acts on an availability-first phase, long since."""
        return False
