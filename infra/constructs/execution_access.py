"""What a role may do to executions of a migration's state machines."""

from dataclasses import dataclass

from aws_cdk import aws_iam as iam

from infra.constructs.acknowledge import acknowledge
from infra.constructs.table_access import allow
from infra.names import Names

JOURNEYS = ("migrate", "rollback")
MACHINES = ("backfill", "validate", *JOURNEYS)


@dataclass(frozen=True)
class ExecutionAccess:
    """Grants on executions by their machines' names; an execution's own name is free."""

    names: Names

    def grant_look(self, role: iam.Role) -> None:
        """Let a role tell whether the execution that holds a lock is still under way."""
        arns = [self.names.executions_arn(kind) for kind in MACHINES]
        allow(role, ["states:DescribeExecution"], arns)
        for arn in arns:
            acknowledge(
                role,
                f"AwsSolutions-IAM5[Resource::{arn}]",
                "Execution names are chosen at each start; the machines are this migration's.",
            )

    def grant_start_validation(self, role: iam.Role) -> None:
        """Let a role start a validation, and no other machine."""
        allow(role, ["states:StartExecution"], [self.names.machine_arn("validate")])

    def grant_answer(self, role: iam.Role) -> None:
        """Let a role take readers home, or start the validation that opens the way."""
        arns = [self.names.machine_arn(kind) for kind in ("rollback", "validate")]
        allow(role, ["states:StartExecution"], arns)

    def grant_wake(self, role: iam.Role) -> None:
        """Let a role end the wait of a journey for an approval."""
        arns = [self.names.machine_arn(kind) for kind in JOURNEYS]
        allow(role, ["states:SendTaskSuccess"], arns)
