"""The explicit name of everything that is deployed, and the ARNs that follow from the names.

Stacks refer to each other by these names only: a cross-stack reference would become an
export, and an export forbids the change of what it exports.
"""

from dataclasses import dataclass
from functools import cached_property

from aws_cdk.region_info import RegionInfo

from shared.model.declaration import TableDeclaration
from shared.settings import (
    CONTROL_TABLE,
    LEDGER_TABLE,
    NOTIFICATIONS_TOPIC,
    archive_bucket,
    function_name,
    machine_name,
    sync_queue,
)


@dataclass(frozen=True)
class Place:
    """One account and region, and ARNs in it."""

    account: str
    region: str

    @cached_property
    def partition(self) -> str:
        """Return the partition of the region: `aws` nearly everywhere."""
        return RegionInfo.get(self.region).partition or "aws"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource of a regional service."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def table_arn(self, name: str) -> str:
        """Return the ARN of a table."""
        return self.arn("dynamodb", f"table/{name}")

    def index_arns(self, table: TableDeclaration) -> list[str]:
        """Return the ARN of each index that a table declares."""
        return [f"{self.table_arn(table.name)}/index/{index.name}" for index in table.indexes]

    @property
    def control_table(self) -> str:
        """Return the name of the table of phases."""
        return CONTROL_TABLE

    @property
    def ledger_table(self) -> str:
        """Return the name of the table of runs, checkpoints, findings and audit."""
        return LEDGER_TABLE

    @property
    def notifications_topic(self) -> str:
        """Return the name of the topic that tells people what happens."""
        return NOTIFICATIONS_TOPIC

    @property
    def archive_bucket(self) -> str:
        """Return the name of the bucket of exports, reports and lists; unique in the world."""
        return archive_bucket(self.account, self.region)

    @property
    def archive_arn(self) -> str:
        """Return the ARN of the archive bucket; bucket ARNs name no region and no account."""
        return f"arn:{self.partition}:s3:::{self.archive_bucket}"


@dataclass(frozen=True)
class Names:
    """The names of one migration's functions and state machines in a place."""

    migration: str
    place: Place

    def function(self, name: str) -> str:
        """Return the deployed name of the function in `functions/<name>`."""
        return function_name(self.migration, name)

    def function_arn(self, name: str) -> str:
        """Return the ARN of the function in `functions/<name>`."""
        return self.place.arn("lambda", f"function:{self.function(name)}")

    @property
    def syncs(self) -> str:
        """Return the name of the queue of records that their replica has yet to follow."""
        return sync_queue(self.migration)

    @property
    def syncs_arn(self) -> str:
        """Return the ARN of that queue."""
        return self.place.arn("sqs", self.syncs)

    def machine(self, kind: str) -> str:
        """Return the name of the state machine of this kind."""
        return machine_name(self.migration, kind)

    def machine_arn(self, kind: str) -> str:
        """Return the ARN of the state machine of this kind."""
        return self.place.arn("states", f"stateMachine:{self.machine(kind)}")

    def executions_arn(self, kind: str) -> str:
        """Return the ARN that stands for every execution of a state machine."""
        return self.place.arn("states", f"execution:{self.machine(kind)}:*")
