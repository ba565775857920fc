"""One deployed state machine, with a role that may call its own functions only."""

import json
from collections.abc import Iterator
from typing import Any

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.archive_access import ArchiveAccess
from infra.constructs.deployment import Deployment
from infra.constructs.log_group import DELIVERED, log_group
from infra.constructs.table_access import allow


class DeployedMachine(Construct):
    """A Standard state machine from a definition, logged and traced."""

    def __init__(
        self,
        scope: Construct,
        kind: str,
        *,
        deployment: Deployment,
        definition: dict[str, Any],
    ) -> None:
        super().__init__(scope, kind.capitalize())
        self._kind, self._deployment = kind, deployment
        names = deployment.names
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com"))
        allow(self.role, ["lambda:InvokeFunction"], set(_called(definition)))
        self._grant_map()
        self._explain()
        self.machine = stepfunctions.StateMachine(
            self,
            "Machine",
            state_machine_name=names.machine(kind),
            # a text, as the local cloud substitutes nothing in a definition kept as an asset
            definition_body=stepfunctions.DefinitionBody.from_string(json.dumps(definition)),
            role=self.role,
            tracing_enabled=True,
            logs=self._logs(),
        )

    def _logs(self) -> stepfunctions.LogOptions:
        name = self._deployment.names.machine(self._kind)
        return stepfunctions.LogOptions(
            destination=log_group(
                self,
                name=f"{DELIVERED}/states/{name}",
                environment=self._deployment.environment,
            ),
            level=stepfunctions.LogLevel.ALL,
            include_execution_data=False,  # inputs may name people's records
        )

    def _grant_map(self) -> None:
        """Let the machine start the children of its Map and read their list."""
        names, kind = self._deployment.names, self._kind
        executions = names.executions_arn(kind)
        allow(self.role, ["states:StartExecution"], [names.machine_arn(kind)])
        allow(self.role, ["states:DescribeExecution", "states:StopExecution"], [executions])
        archive = ArchiveAccess(self._deployment.migration.name, self._deployment.place)
        archive.grant_read_segments(self.role)

    def _explain(self) -> None:
        executions = self._deployment.names.executions_arn(self._kind)
        acknowledge(
            self.role,
            f"AwsSolutions-IAM5[Resource::{executions}]",
            "Step Functions names the children of a Map itself; they are this machine's.",
        )
        acknowledge(
            self.role,
            "AwsSolutions-IAM5[Resource::*]",
            "Log delivery and X-Ray take no resource (Step Functions guide, 'Logging', 'X-Ray').",
        )


def _called(definition: Any) -> Iterator[str]:
    """Yield the ARN of every function that a definition calls, in its children, too."""
    if isinstance(definition, list):
        for each in definition:
            yield from _called(each)
    elif isinstance(definition, dict):
        for name, each in definition.items():
            if name == "FunctionName":
                yield each
            else:
                yield from _called(each)
