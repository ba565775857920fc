"""The Data stack of one migration: its two tables."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.constructs.declared_table import DeclaredTable
from infra.names import Place
from infra.stacks.placing import placing
from shared.model.declaration import Environment, TableToTable


class DataStack(Stack):
    """Both tables; an adopted source is in no template, so that no deploy can touch it."""

    def __init__(
        self,
        scope: Construct,
        *,
        migration: TableToTable,
        place: Place,
        environment: Environment,
    ) -> None:
        super().__init__(
            scope,
            f"Cutover-{migration.name.capitalize()}-Data",
            **placing(place, f"{migration.title}: the tables"),
        )
        if environment.source == "created":
            DeclaredTable(self, "Source", table=migration.source, environment=environment)
        DeclaredTable(self, "Target", table=migration.target, environment=environment)
        CfnOutput(self, "SourceTableName", value=migration.source.name)
        CfnOutput(self, "TargetTableName", value=migration.target.name)
