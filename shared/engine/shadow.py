"""Shadow reads: would v2 have answered what v1 did? Compared later, beside the request.

Each key is looked at as a reader of either table would have seen it: v1 through `up`, v2 as it
is. What differs in two plain reads is looked at again at one moment, and explained by version:

- equal: the same answer;
- raced: equal at one moment, so a write came between the two reads;
- lagging: the replica is behind, in a phase that allows it or has not settled;
- real: it differs at one moment. That voids the certificate, and is on record.

Excluded records are left out: every reader gets them from v1. Safe to repeat: every look is at
the tables as they are now; a batch that is compared again is counted again, as it was looked at.
"""

from collections import Counter
from collections.abc import Iterable

from shared.engine.compare import compare
from shared.engine.disproof import (
    Pair,
    begin_look,
    describe,
    differing,
    disprove,
    file_finding,
    read_together,
    watched,
)
from shared.engine.exclusions import Exclusions
from shared.engine.world import PairedWorld
from shared.model.control import ControlState
from shared.model.errors import InvalidInput
from shared.model.key import Key
from shared.model.metrics import Metric
from shared.model.phases import CERTIFIED, PhaseClass
from shared.model.shadow import MOST_NAMED, ShadowResult, ShadowTally
from shared.model.writes import Side

ACTOR = "shadow read"

_APART = (PhaseClass.OFF, PhaseClass.WRITE_V2_ONLY, PhaseClass.DECOMMISSIONED)
"""Where only one of the tables is written: there is nothing to compare."""

_METRICS = {
    ShadowResult.EQUAL: Metric.SHADOW_EQUAL,
    ShadowResult.RACED: Metric.SHADOW_RACED,
    ShadowResult.LAGGING: Metric.SHADOW_LAGGING,
    ShadowResult.REAL: Metric.SHADOW_REAL,
}


class ShadowReads:
    """The sampled keys of one batch: each is explained once, then all are counted together."""

    def __init__(self, world: PairedWorld, keys: Iterable[Key]) -> None:
        self._world = world
        self._state = world.control.read(world.migration.name)
        self._doubtful: set[Key] = set()
        if _comparable(world, self._state):
            self._doubtful = set(differing(world, self._state, keys))
        self._results: dict[Key, ShadowResult] = {}
        self._named: set[str] = set()
        self._known: frozenset[str] | None = None

    def explain(self, key: Key) -> ShadowResult | None:
        """Return what comparing a key of the batch came to; None where nothing is compared.

        Raises Contended when the record changes all the time: look again later.
        """
        if key not in self._results:
            result = self._explained(key)
            if result is None:
                return None
            self._results[key] = result
        return self._results[key]

    def count(self) -> ShadowTally:
        """Add what was found to the counts of this step, and return it."""
        state, now = self._state, self._world.clock.wall()
        counts = Counter(self._results.values())
        tally = ShadowTally(
            migration=state.migration,
            epoch=state.epoch,
            phase=state.phase,
            percent=state.percent,
            since=now,
            last=now,
            differing=frozenset(self._named),
            **{each.value: counts[each] for each in ShadowResult},
        )
        if tally.compared:
            self._world.ledger.count_reads(tally)
            for result, metric in _METRICS.items():
                self._world.meter.add(metric, counts[result])
        return tally

    def _explained(self, key: Key) -> ShadowResult | None:
        if not _compared(self._world, self._state, key):
            return None
        return ShadowResult.EQUAL if key not in self._doubtful else self._explain_doubt(key)

    def _explain_doubt(self, key: Key) -> ShadowResult | None:
        """Look at a key at one moment, in the phase of that moment."""
        world = self._world
        state, stored = begin_look(world).state, read_together(world, key)
        if not _compared(world, state, key):
            return None
        primary = state.phase.primary
        mismatch = compare(world.migration, stored[Side.SOURCE], stored[Side.TARGET], primary)
        if mismatch is None:
            return ShadowResult.RACED
        if _behind(world, stored, primary) and _may_lag(world, state):
            return ShadowResult.LAGGING
        text = world.migration.source.keys.text(key)
        if state.certificate is None and self._on_record(state, text):
            return ShadowResult.REAL
        if not watched(world, state):
            found = describe(world, key, mismatch, stored, ACTOR)
            file_finding(world, state, found, "report record")
        elif disprove(world, key, ACTOR, always=True) is None:
            return ShadowResult.RACED
        self._named.add(text)
        return ShadowResult.REAL

    def _on_record(self, state: ControlState, text: str) -> bool:
        """Tell whether a difference is known in this step, or too many are to name them all."""
        if self._known is None:
            latest = self._world.ledger.reads_counted(state.migration, 1)
            same = [each.differing for each in latest if each.epoch == state.epoch]
            self._known = frozenset().union(*same)
        named = self._known | self._named
        return text in named or len(named) >= MOST_NAMED


def _comparable(world: PairedWorld, state: ControlState) -> bool:
    """Tell whether both tables are written in a phase, and by the transform of this code."""
    return state.phase.group not in _APART and state.digest in ("", world.digest)


def _compared(world: PairedWorld, state: ControlState, key: Key) -> bool:
    return _comparable(world, state) and not Exclusions(world).holds(state, key)


def _may_lag(world: PairedWorld, state: ControlState) -> bool:
    """Tell whether the replica may be behind: nothing has brought it in line yet.

    Coming back from where the replica was not kept in lock step, that is until a certificate.
    """
    came_back = state.previous.group not in CERTIFIED and state.previous.order > state.phase.order
    return not watched(world, state) or (came_back and state.certificate is None)


def _behind(world: PairedWorld, stored: Pair, primary: Side) -> bool:
    """Tell whether the replica only misses writes; the same version with other content is none."""
    truth, replica = stored[primary], stored[primary.other]
    if truth is None or replica is None:
        return True
    try:
        left, right = map(world.migration.stamps.read, (truth, replica))
    except InvalidInput:
        return False
    return left.birth != right.birth or right.version < left.version
