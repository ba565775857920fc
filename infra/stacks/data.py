"""The Data stack of one migration: its tables, what watches their streams, what syncs them."""

from pathlib import Path

from aws_cdk import CfnOutput, CfnWaitConditionHandle, Stack
from constructs import Construct

from infra.constructs.declared_table import DeclaredTable
from infra.constructs.deployment import Deployment
from infra.constructs.replica_sync import ReplicaSync
from infra.constructs.runtime_code import RuntimeCode
from infra.constructs.stream_watch import StreamWatch
from infra.kinds import kind_of
from infra.names import Place
from infra.stacks.placing import placing
from shared.model.declaration import Migration
from shared.model.environment import Environment


class DataStack(Stack):
    """The tables; what was adopted is in no template, so that no deploy can touch it.

    Once v1 is declared as deleted, v2 is alone, and there is nothing to watch. The watch is
    here too: a stream's ARN is known only to the stack that makes its table.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        migration: Migration,
        place: Place,
        environment: Environment,
        layer: Path,
    ) -> None:
        super().__init__(
            scope,
            f"Cutover-{migration.name.capitalize()}-Data",
            **placing(place, f"{migration.title}: the tables"),
        )
        kind = kind_of(migration, environment)
        tables = [
            DeclaredTable(self, name, table=table, environment=environment)
            for name, table in kind.made.items()
        ]
        if not tables:
            # CloudFormation takes no stack without a resource; this one is nothing but a URL
            CfnWaitConditionHandle(self, "Adopted")
        if kind.watched:
            runtime = RuntimeCode(self, "Runtime", layer=layer)
            deployment = Deployment(migration, environment, place, runtime)
            streams = [each.table for each in tables]
            StreamWatch(self, "Watch", deployment=deployment, tables=streams)
            if migration.follows:
                ReplicaSync(self, "Sync", deployment=deployment)
        for output, name in kind.outputs.items():
            CfnOutput(self, output, value=name)
