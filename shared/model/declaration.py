"""How a migration is declared: its tables, two pure functions between two shapes, its limits.

A migration is a folder under `migrations/` whose `migration.py` holds one `MIGRATION`.
Everything else (tables, grants, state machines, API, CLI entries, tests) derives from it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

from shared.model.environment import Environment
from shared.model.errors import InvalidInput
from shared.model.item import Item, Value
from shared.model.key import Key, KeySchema
from shared.model.phases import DIRECT, PAIRED, Phase
from shared.model.stamp import StampNames
from shared.model.writes import Side

Mode = Literal["transactional", "availability_first"]
"""What becomes of a write when the replica cannot be written: it fails, or it stands."""


class Decision(StrEnum):
    """What is to be done with one source record."""

    TRANSFORM = "transform"
    SKIP = "skip"
    AMBIGUOUS = "ambiguous"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer that a person may give about an ambiguous record.

    `assign` are attributes that are laid over the record in its old shape, so that the
    transform can decide; `why` is what speaks for it.
    """

    name: str
    assign: Mapping[str, Value]
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision about one record; all but `transform` say why and which field is to blame.

    An ambiguous record has the answers that suggest themselves as its `candidates`.
    """

    decision: Decision
    reason: str = ""
    field: str | None = None
    candidates: tuple[Candidate, ...] = ()


TRANSFORM = Verdict(Decision.TRANSFORM)


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index that projects every attribute.

    Records that share a value of a `distinct` index are reported, and moved all the same.
    """

    name: str
    keys: KeySchema
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class TableDeclaration:
    """One table: its explicit name, key schema and indexes."""

    name: str
    keys: KeySchema
    indexes: tuple[Index, ...] = ()

    def index(self, name: str) -> Index:
        """Return the index of this name."""
        for index in self.indexes:
            if index.name == name:
                return index
        raise InvalidInput(f"{self.name} has no index {name!r}", field="index")


@dataclass(frozen=True, slots=True)
class Search:
    """One way to list records: query parameters answered by a v2 index.

    `values` turns the parameters into the index's key values. Until reads are on v2 the list
    comes from v1: by `source_index` with `source_values`, or by a paged scan when there is
    none. `derived` names keys that v1's index cannot find, because v2's value is computed.
    """

    parameters: tuple[str, ...]
    index: str
    source_index: str | None = None
    source_values: Callable[[Mapping[str, str]], tuple[Value, ...] | None] | None = None
    derived: Callable[[Mapping[str, str]], Key | None] | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """The HTTP resource that a migration's records are served as, in v2's shape.

    `author` is the attribute that a create sets to the subject of the caller's token; nobody
    writes it otherwise.
    """

    resource: str
    id_field: str
    key: Callable[[str], Key]
    create: type[BaseModel]
    change: type[BaseModel]
    record: type[BaseModel]
    searches: tuple[Search, ...]
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A source record and the target record it must become; every build checks it.

    `found` is what a transform that looks things up finds for it.
    """

    name: str
    source: Item
    target: Item | None = None
    verdict: Verdict = TRANSFORM
    reversible: bool = True
    found: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration(ABC):
    """What every kind of migration declares.

    `source` is the table whose records migrate; `parse_key` reads the keys that people write.
    `owned_by` are attributes that say whose a record is: no decision about a record changes one.
    """

    name: str
    title: str
    source: TableDeclaration
    environments: tuple[Environment, ...]
    parse_key: Callable[[str], Key] | None = None
    api: Api | None = None
    examples: tuple[Example, ...] = ()
    owned_by: frozenset[str] = frozenset()
    stamps: StampNames = field(default_factory=StampNames)

    @property
    @abstractmethod
    def way(self) -> tuple[Phase, ...]:
        """Return the phases of this migration from the first to the last."""

    @property
    @abstractmethod
    def goal(self) -> Phase:
        """Return the phase that a migrate leads to when nobody says where."""

    @property
    @abstractmethod
    def ramps(self) -> str:
        """Return what the ramp moves a share of, in words."""

    @property
    @abstractmethod
    def tables(self) -> Mapping[Side, TableDeclaration]:
        """Return the tables that its records are written to."""

    @property
    def declared_tables(self) -> Mapping[str, TableDeclaration]:
        """Return every table that it declares, by its role; also those that are only read."""
        return {side.value: table for side, table in self.tables.items()}

    @property
    def target_indexes(self) -> tuple[Index, ...]:
        """Return the indexes whose entries a validation counts."""
        return ()

    @property
    def shown(self) -> TableDeclaration:
        """Return the table in whose form records are shown to callers."""
        return self.source

    def shown_key(self, key: Key) -> Item:
        """Return the attributes of a record's key as it is shown to callers."""
        return self.source.keys.attributes(key)

    @property
    def follows(self) -> bool:
        """Tell whether there are phases in which the replica only follows, and may lag."""
        return False

    @property
    def streamed(self) -> bool:
        """Tell whether its tables' streams are watched for writes past the wrapper."""
        return False

    @property
    def watch_alarm(self) -> str:
        """Return the name of the composite alarm that watches this migration."""
        return f"cutover-{self.name}-watch"

    def environment(self, account: str, region: str) -> Environment:
        """Return the one environment of an account and region; there is no default."""
        for environment in self.environments:
            if (environment.account, environment.region) == (account, region):
                return environment
        raise InvalidInput(
            f"{self.name} declares no environment for account {account} in {region}",
            field="environments",
            mend=f"add one to migrations/{self.name}/migration.py, or use other credentials",
        )

    def key_named(self, text: str) -> Key:
        """Return the source key that a person's text names."""
        return self.parse_key(text) if self.parse_key else self.source.keys.parse(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableToTable(Migration):
    """A migration of every record of one table into another.

    `up` and `down` are total, deterministic and leave their input alone; both work on items
    without the engine's stamp. `classify` decides whether a record may move at all.
    `target_only` are v2's attributes that v1 cannot hold; `ignored` are not compared.
    `tripwire` says whether a write past the wrapper is only reported, for the next validation
    with repair to mend, or mended at once.
    `mode` says what a write does when the replica cannot be written: it fails, so that both
    tables are always alike, or in `availability_first` it stands and the replica follows later,
    in two phases more (DUAL_AF, V2_AF) from which no reader moves.
    """

    target: TableDeclaration
    up: Callable[[Item], Item]
    down: Callable[[Item], Item]
    classify: Callable[[Item], Verdict]
    target_only: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    target_key: Callable[[Key], Key] = lambda key: key
    source_key: Callable[[Key], Key] = lambda key: key
    strict_reads: bool = False
    tripwire: Literal["report", "repair"] = "report"
    mode: Mode = "transactional"

    @property
    def way(self) -> tuple[Phase, ...]:
        """Return the phases of this migration from the first to the last."""
        return PAIRED if self.follows else DIRECT

    @property
    def goal(self) -> Phase:
        """Return the phase that a migrate leads to: from there on nothing is given up."""
        return Phase.READ_V2

    @property
    def ramps(self) -> str:
        """Return what the ramp moves a share of: the readers."""
        return "reads on v2"

    @property
    def tables(self) -> Mapping[Side, TableDeclaration]:
        """Return both tables."""
        return {Side.SOURCE: self.source, Side.TARGET: self.target}

    @property
    def target_indexes(self) -> tuple[Index, ...]:
        """Return the indexes of v2."""
        return self.target.indexes

    @property
    def shown(self) -> TableDeclaration:
        """Return the table in whose form records are shown to callers: v2."""
        return self.target

    def shown_key(self, key: Key) -> Item:
        """Return the attributes of a record's key as v2 has it."""
        return self.target.keys.attributes(self.target_key(key))

    @property
    def follows(self) -> bool:
        """Tell whether there are phases in which the replica only follows, and may lag."""
        return self.mode == "availability_first"

    @property
    def streamed(self) -> bool:
        """Tell whether its tables' streams are watched: both tables can be compared."""
        return True
