"""The Api stack of one migration: its records over HTTP, in the new shape in every phase."""

from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.acknowledge import acknowledge
from infra.constructs.deployment import Deployment
from infra.constructs.migration_function import FunctionLimits, MigrationFunction
from infra.constructs.record_api import RecordApi
from infra.constructs.retention import removal
from infra.constructs.runtime_code import RuntimeCode
from infra.constructs.shadow_comparison import ShadowComparison
from infra.names import Place
from infra.stacks.placing import placing
from shared.model.declaration import Api, Migration
from shared.model.environment import Environment

SERVING = FunctionLimits(seconds=29, memory=1024)
"""One second less than the API's own limit, so that the caller gets the function's answer;
1024 MB as the callers wait for the start-up, which is bound by CPU."""


class ApiStack(Stack):
    """One function behind an HTTP API, the secret of its cursors, and the shadow of its reads."""

    def __init__(
        self,
        scope: Construct,
        *,
        migration: Migration,
        api: Api,
        place: Place,
        environment: Environment,
        layer: Path,
    ) -> None:
        super().__init__(
            scope,
            f"Cutover-{migration.name.capitalize()}-Api",
            **placing(place, f"{migration.title}: the API of its records"),
        )
        runtime = RuntimeCode(self, "Runtime", layer=layer)
        deployment = Deployment(migration, environment, place, runtime)
        serving = self._serving(deployment)
        records = RecordApi(
            self,
            "Records",
            deployment=deployment,
            resource=api.resource,
            function=serving.function,
        )
        if deployment.kind.compared:
            ShadowComparison(self, "Shadow", deployment=deployment).grant_send(serving.role)
        CfnOutput(self, "ApiUrl", value=records.api.api_endpoint)

    def _serving(self, deployment: Deployment) -> MigrationFunction:
        secret = self._secret(deployment)
        serving = MigrationFunction(
            self,
            "serve_records",
            deployment=deployment,
            limits=SERVING,
            settings={"CUTOVER_CURSOR_SECRET": secret.secret_arn},
        )
        tables = deployment.tables
        books = deployment.books
        for grant in (
            tables.grant_describe,
            *deployment.kind.serving(tables),
            books.grant_read_phase,
            books.grant_read_ledger,
            deployment.syncs.grant_ask,
        ):
            grant(serving.role)
        secret.grant_read(serving.role)
        return serving

    def _secret(self, deployment: Deployment) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            "CursorSecret",
            secret_name=f"cutover-{deployment.migration.name}-cursors",
            description="Signs the cursors of lists, so that nobody can make one up",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
            removal_policy=removal(deployment.environment),
        )
        acknowledge(
            secret,
            "AwsSolutions-SMG4",
            "A rotation would only break lists that are being read; replace it after a leak.",
        )
        return secret
