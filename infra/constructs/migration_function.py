"""One Lambda function of a migration, with a role of its own and its log group."""

from collections.abc import Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.deployment import Deployment
from infra.constructs.log_group import log_group
from infra.constructs.runtime_code import ARCHITECTURE, RUNTIME
from shared import catalogue
from shared.settings import PREFIX, deployed_settings

FULL_CORE = 1769
"""MB at which Lambda gives one whole CPU ("Configure Lambda function memory"): for functions
that transform, compare or unpack records all the time; more would idle on one thread."""
SHORT_CALL = 512
"""MB for functions that make a few calls: half the start-up time of 256, where CPU is short."""


@dataclass(frozen=True)
class FunctionLimits:
    """How long a function may run, with how much memory, and how many at once."""

    seconds: int = 60
    memory: int = SHORT_CALL
    reserved: int | None = None


class MigrationFunction(Construct):
    """The handler in `functions/<name>`; what it may do is granted to `role`."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        deployment: Deployment,
        limits: FunctionLimits,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(scope, "".join(part.capitalize() for part in name.split("_")))
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.function = self._function(name, deployment, limits, settings or {})
        self._explain()

    def _function(
        self,
        name: str,
        deployment: Deployment,
        limits: FunctionLimits,
        settings: Mapping[str, str],
    ) -> lambda_.Function:
        function_name = deployment.names.function(name)
        logs = log_group(
            self, name=f"/aws/lambda/{function_name}", environment=deployment.environment
        )
        logs.grant_write(self.role)
        return lambda_.Function(
            self,
            "Function",
            function_name=function_name,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=f"functions.{name}.handler.handler",
            code=deployment.runtime.code,
            layers=[deployment.runtime.layer],
            role=self.role,
            timeout=Duration.seconds(limits.seconds),
            memory_size=limits.memory,
            reserved_concurrent_executions=limits.reserved,
            environment=_environment(deployment, settings),
            log_group=logs,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
        )

    def _explain(self) -> None:
        acknowledge(
            self,
            "AwsSolutions-IAM5[Resource::*]",
            'Only X-Ray\'s two actions, which take no resource ("Actions for AWS X-Ray").',
        )
        acknowledge(
            self,
            "AwsSolutions-L1",
            "Python 3.13 is pinned with the layer's wheels; both move together.",
        )


def _environment(deployment: Deployment, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that shared/settings.py and Powertools read."""
    place, migration = deployment.place, deployment.migration.name
    told = deployed_settings(migration, place.account, place.region).model_dump(exclude_none=True)
    return {
        **{f"{PREFIX}{name.upper()}": str(value) for name, value in told.items()},
        f"{PREFIX}DIGEST": catalogue.digest(migration),
        **{f"{PREFIX}{name}": value for name, value in deployment.kind.settings.items()},
        "POWERTOOLS_SERVICE_NAME": f"cutover-{migration}",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        **settings,
    }
