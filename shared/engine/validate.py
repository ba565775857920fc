"""Validation: both tables read strongly, in both directions, and every suspect looked at twice.

A record that differs while it is being written is no mismatch: each suspect is read again
in both tables at one moment (TransactGetItems) before it counts.
"""

from collections.abc import Sequence

from shared.engine.compare import Mismatch, compare
from shared.engine.exclusions import Exclusions
from shared.engine.images import pair
from shared.engine.lease import Operation
from shared.engine.progress import INDEX_ENTRY
from shared.engine.repair import repair
from shared.engine.segments import PageOutcome, load_run, read_page, sampled_limit, work_through
from shared.engine.tally import Tally
from shared.engine.world import PairedWorld
from shared.model.declaration import Index
from shared.model.errors import ConditionFailed, Contended
from shared.model.item import Item
from shared.model.key import Key
from shared.model.runs import Counts, Finding, FindingKind, Run, Segment
from shared.model.writes import Side

INDEX_PAGE = 1000
"""Entries of one page of an index, of which only the keys are read."""

TRIES = 5
"""How often a suspect that keeps changing is read again before it counts as open."""


def validate_segment(
    world: PairedWorld, run_id: str, name: str, attempt: int, until: float
) -> bool:
    """Compare one segment; return False when there is more to do after `until` (monotonic)."""
    run = load_run(world, run_id)
    return work_through(world, run, name, attempt, until, Validation(world, run))


class Validation:
    """The work of one worker of a validation pass."""

    def __init__(self, world: PairedWorld, run: Run) -> None:
        self._world = world
        self._run = run
        self._migration = world.migration
        self._exclusions = Exclusions(world)
        self._repairing = bool(run.params.get("repair"))
        self._mended = Tally()

    def follow(self, run: Run) -> None:
        """Change nothing: a rate is of write units, and only repairs write."""

    def __call__(self, operation: Operation, segment: Segment, limit: int) -> PageOutcome:
        """Compare one page of v1, of v2, or count one page of an index."""
        excluded = self._exclusions.keys(operation.state)
        if segment.scan == Side.SOURCE:
            return self._source_page(operation, segment, limit, excluded)
        if segment.scan == Side.TARGET:
            return self._target_page(operation, segment, limit, excluded)
        return self._index_page(segment)

    # -- v1 to v2: missing, stale, different

    def _source_page(
        self, operation: Operation, segment: Segment, limit: int, excluded: frozenset[str]
    ) -> PageOutcome:
        limit, sampled = sampled_limit(self._run, segment, limit)
        page = read_page(self._world, self._run, segment, limit, Side.SOURCE, strong=True)
        tally = Tally(Counts(scanned=len(page.items)))
        keyed = [(self._migration.source.keys.key_of(item), item) for item in page.items]
        moving = [(key, item) for key, item in keyed if self._text(key) not in excluded]
        tally.counts += Counts(excluded=len(keyed) - len(moving))
        places = [self._migration.target_key(key) for key, _ in moving]
        stored = self._world.tables.get_many(Side.TARGET, places)
        for (key, source), target in zip(moving, stored, strict=True):
            if self._suspect(operation, source, target):
                self._recheck(operation, key, excluded, tally)
        return self._outcome(page.cursor, tally, enough=sampled)

    # -- v2 to v1: orphans

    def _target_page(
        self, operation: Operation, segment: Segment, limit: int, excluded: frozenset[str]
    ) -> PageOutcome:
        page = read_page(self._world, self._run, segment, limit, Side.TARGET, strong=True)
        tally = Tally()
        keys = [
            self._migration.source_key(self._migration.target.keys.key_of(item))
            for item in page.items
        ]
        stored = self._world.tables.get_many(Side.SOURCE, keys)
        for key, source in zip(keys, stored, strict=True):
            if source is None or self._text(key) in excluded:
                self._recheck(operation, key, excluded, tally)
        return self._outcome(
            page.cursor, tally, expected=self._index_entries(page.items), work=len(page.items)
        )

    def _index_entries(self, items: Sequence[Item]) -> dict[str, int]:
        """Return how many of v2's items each index must have an entry for."""
        return {
            index.name: sum(all(name in item for name in index.keys.names) for item in items)
            for index in self._migration.target.indexes
        }

    # -- the indexes of v2

    def _index_page(self, segment: Segment) -> PageOutcome:
        """Count one page of an index's entries, and report values that should be distinct."""
        page = self._world.tables.scan_index(
            Side.TARGET,
            segment.scan,
            segment.number,
            segment.total,
            segment.cursor,
            INDEX_PAGE,
        )
        index = self._migration.target.index(segment.scan)
        shared = self._sharing(index, segment.cursor, page.items) if index.distinct else []
        counted = len(page.items)
        return PageOutcome(
            page.cursor,
            Counts(),
            shared,
            expected={segment.scan: counted},
            work=counted * INDEX_ENTRY,
        )

    def _sharing(self, index: Index, before: Item | None, entries: Sequence[Item]) -> list[Finding]:
        """Return a finding for each entry with the same index key as its neighbour before it."""
        neighbours = [before, *entries[:-1]] if entries else []
        return [
            Finding(
                run_id=self._run.run_id,
                key=self._text(
                    self._migration.source_key(self._migration.target.keys.key_of(entry))
                ),
                kind=FindingKind.DUPLICATE,
                reason=f"shares its {' and '.join(index.keys.names)} with another record",
                field=index.keys.partition,
            )
            for before, entry in zip(neighbours, entries, strict=True)
            if before is not None and index.keys.key_of(before) == index.keys.key_of(entry)
        ]

    # -- one suspect

    def _suspect(self, operation: Operation, source: Item, target: Item | None) -> bool:
        authority = operation.state.phase.primary
        return compare(self._migration, source, target, authority) is not None

    def _recheck(
        self, operation: Operation, key: Key, excluded: frozenset[str], tally: Tally
    ) -> None:
        """Read a suspect in both tables at one moment; repair it if asked and still wrong."""
        authority = operation.state.phase.primary
        left_out = self._text(key) in excluded
        mismatch: Mismatch | None = None
        stored: dict[Side, Item | None] = {}
        for _ in range(TRIES):
            operation.check()
            places = pair(self._migration, key)
            stored = dict(zip(Side, self._world.tables.get_together(places), strict=True))
            mismatch = self._judge(stored, authority, left_out)
            if mismatch is None:
                return
            if not self._repairing:
                break
            try:
                done = repair(self._world, operation, key, stored, authority, excluded=left_out)
            except (ConditionFailed, Contended):
                continue
            self._count(tally, key, mismatch, stored, repaired=done)
            return
        if mismatch is not None:
            self._count(tally, key, mismatch, stored, repaired=False)

    def _judge(
        self, stored: dict[Side, Item | None], authority: Side, left_out: bool
    ) -> Mismatch | None:
        if not left_out:
            return compare(self._migration, stored[Side.SOURCE], stored[Side.TARGET], authority)
        if stored[Side.TARGET] is None:
            return None
        return Mismatch(FindingKind.ORPHAN, "v2 has it, though it is excluded from the migration")

    def _count(
        self,
        tally: Tally,
        key: Key,
        mismatch: Mismatch,
        stored: dict[Side, Item | None],
        *,
        repaired: bool,
    ) -> None:
        if repaired:
            tally = self._mended  # a try of the page that is cut short would forget it
        tally.counts += Counts(mismatched=1, repaired=int(repaired))
        tally.findings.append(
            Finding(
                run_id=self._run.run_id,
                key=self._text(key),
                kind=mismatch.kind,
                reason=mismatch.reason,
                field=mismatch.field,
                differences=mismatch.differences,
                record=stored[Side.SOURCE] or stored[Side.TARGET],
                repaired=repaired,
            )
        )

    def _outcome(
        self,
        cursor: Item | None,
        tally: Tally,
        *,
        enough: bool = False,
        expected: dict[str, int] | None = None,
        work: float | None = None,
    ) -> PageOutcome:
        """Return what a whole page has shown, with what its cut-short tries have mended."""
        mended, self._mended = self._mended, Tally()
        return PageOutcome(
            cursor,
            tally.counts + mended.counts,
            [*tally.findings, *mended.findings],
            expected=expected,
            enough=enough,
            work=work,
        )

    def _text(self, key: Key) -> str:
        return self._migration.source.keys.text(key)
