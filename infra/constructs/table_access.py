"""What a role may do to the tables of a migration, one grant for each kind of work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.acknowledge import acknowledge
from infra.names import Place
from shared.model.declaration import Migration, TableDeclaration
from shared.model.environment import Environment
from shared.model.in_place import Reference
from shared.model.writes import Side


def allow(
    role: iam.Role,
    actions: Iterable[str],
    resources: Iterable[str],
    conditions: Mapping[str, object] | None = None,
) -> None:
    """Allow exactly these actions on exactly these resources."""
    role.add_to_policy(
        iam.PolicyStatement(
            actions=sorted(actions), resources=sorted(resources), conditions=conditions
        )
    )


def _dynamodb(*names: str) -> list[str]:
    return [f"dynamodb:{name}" for name in names]


@dataclass(frozen=True)
class TableAccess:
    """Grants on tables by name; TransactGetItems and TransactWriteItems need no own action.

    What is granted on a table that is not there is nothing: on v1 once it is declared as
    deleted, on v2 where there is one table, on a reference where none is declared.
    """

    migration: Migration
    environment: Environment
    place: Place
    reference: Reference | None = None

    @property
    def _tables(self) -> dict[Side, TableDeclaration]:
        kept = self.environment.has_source
        found = self.migration.tables.items()
        return {side: table for side, table in found if kept or side is not Side.SOURCE}

    def _arns(self, *sides: Side) -> list[str]:
        return [self.place.table_arn(t.name) for side, t in self._tables.items() if side in sides]

    @property
    def _all(self) -> list[str]:
        return self._arns(*Side)

    @property
    def _indexes(self) -> list[str]:
        return [arn for table in self._tables.values() for arn in self.place.index_arns(table)]

    def _on(self, side: Side, role: iam.Role, actions: list[str]) -> None:
        arns = self._arns(side)
        if arns:
            allow(role, actions, arns)

    def _on_reference(self, role: iam.Role, *actions: str) -> None:
        if self.reference is not None:
            arn = self.place.table_arn(self.reference.table.name)
            allow(role, _dynamodb(*actions), [arn])

    def grant_describe(self, role: iam.Role) -> None:
        """Let a role see the tables' state, recovery and ids, which are pinned (rule 11)."""
        allow(role, _dynamodb("DescribeTable", "DescribeContinuousBackups"), self._all)

    def grant_look_at_reference(self, role: iam.Role) -> None:
        """Let a role see whether the reference table is there, and its key."""
        self._on_reference(role, "DescribeTable")

    def grant_read(self, role: iam.Role) -> None:
        """Let a role read the tables by key and by scan."""
        allow(role, _dynamodb("GetItem", "BatchGetItem", "Scan"), self._all)

    def grant_compare(self, role: iam.Role) -> None:
        """Let a role read the tables by key."""
        allow(role, _dynamodb("GetItem", "BatchGetItem"), self._all)

    def grant_find_keys(self, role: iam.Role) -> None:
        """Let a role look whether v1 holds the keys that an input names."""
        self._on(Side.SOURCE, role, _dynamodb("BatchGetItem"))

    def grant_count_indexes(self, role: iam.Role) -> None:
        """Let a role count the entries of every index."""
        allow(role, _dynamodb("Scan"), self._indexes)

    def grant_copy(self, role: iam.Role) -> None:
        """Let a role add to v2 what is absent there; PutItem is for names PartiQL cannot quote."""
        self._on(Side.TARGET, role, _dynamodb("PartiQLInsert", "PutItem"))

    def grant_repair(self, role: iam.Role) -> None:
        """Let a role mend the replica, whichever table that is in the phase."""
        actions = _dynamodb("ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem")
        allow(role, actions, self._all)

    def grant_change(self, role: iam.Role) -> None:
        """Let a role change records of the one table, and neither add nor remove any."""
        self._on(Side.SOURCE, role, _dynamodb("UpdateItem"))

    def grant_look_up(self, role: iam.Role) -> None:
        """Let a role look things up in the reference table, a partition at a time."""
        self._on_reference(role, "Query")

    def grant_find_unused(self, role: iam.Role) -> None:
        """Let a role go over the reference table and find who refers to each of its records."""
        self._on_reference(role, "Scan")
        if self.reference is not None:
            table = self.place.table_arn(self.migration.source.name)
            allow(role, _dynamodb("Query"), [f"{table}/index/{self.reference.index}"])

    def grant_serve_one(self, role: iam.Role) -> None:
        """Let a role answer for the one table: read, search and write in any phase."""
        actions = _dynamodb("GetItem", "DeleteItem", "PutItem", "UpdateItem")
        self._on(Side.SOURCE, role, actions)
        if self._indexes:
            allow(role, _dynamodb("Query"), self._indexes)

    def grant_serve_both(self, role: iam.Role) -> None:
        """Let a role answer for both tables: read, list, search, and write in any phase.

        A scan of v1 stands in for the index that v1 lacks.
        """
        actions = ("BatchGetItem", "GetItem", "ConditionCheckItem", "DeleteItem", "PutItem")
        allow(role, _dynamodb(*actions, "UpdateItem"), self._all)
        allow(role, _dynamodb("Query"), [*self._all, *self._indexes])
        self._on(Side.SOURCE, role, _dynamodb("Scan"))

    def grant_close_source(self, role: iam.Role) -> None:
        """Let a role close v1 for writes by policy, and lift the denial again."""
        actions = _dynamodb("DeleteResourcePolicy", "GetResourcePolicy", "PutResourcePolicy")
        self._on(Side.SOURCE, role, actions)

    def grant_export_source(self, role: iam.Role) -> None:
        """Let a role export v1 and follow the export."""
        for source in self._arns(Side.SOURCE):
            allow(role, _dynamodb("ExportTableToPointInTime"), [source])
            allow(role, _dynamodb("DescribeExport"), [f"{source}/export/*"])
            acknowledge(
                role,
                f"AwsSolutions-IAM5[Resource::{source}/export/*]",
                "An export's id is given when it is made; these are the exports of v1 alone.",
            )

    def grant_delete_source(self, role: iam.Role) -> None:
        """Let a role take v1's deletion protection away and delete it."""
        self._on(Side.SOURCE, role, _dynamodb("DeleteTable", "UpdateTable"))
