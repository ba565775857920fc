"""The Workflow stack of one migration: the functions of its steps and four state machines."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.constructs.alarm_answer import AlarmAnswer
from infra.constructs.deployment import Deployment
from infra.constructs.runtime_code import RuntimeCode
from infra.constructs.schedule import Schedule, minutes_between
from infra.constructs.state_machine import DeployedMachine
from infra.constructs.workflow_functions import WorkflowFunctions
from infra.names import Place
from infra.stacks.placing import placing
from infra.workflows.job import Works
from infra.workflows.journey import journey
from infra.workflows.single import backfill, validate
from infra.workflows.states import Calls
from shared.model.declaration import Migration
from shared.model.environment import Environment
from shared.model.runs import RunKind

_MACHINES: dict[str, Callable[[Calls, Works, int], dict[str, Any]]] = {
    "migrate": lambda calls, works, bound: journey(calls, RunKind.MIGRATE, works, bound),
    "backfill": backfill,
    "validate": validate,
    "rollback": lambda calls, works, bound: journey(calls, RunKind.ROLLBACK, works, bound),
}


class WorkflowStack(Stack):
    """Operators start the machines by name; the machines call one function per step."""

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
            f"Cutover-{migration.name.capitalize()}-Workflow",
            **placing(place, f"{migration.title}: the state machines and their functions"),
        )
        runtime = RuntimeCode(self, "Runtime", layer=layer)
        deployment = Deployment(migration, environment, place, runtime)
        steps = WorkflowFunctions(self, "Functions", deployment=deployment)
        self._call_by_schedule(deployment, steps)
        AlarmAnswer(self, "Alarm", deployment=deployment, function=steps.answering)
        calls = Calls(deployment.names)
        for kind, define in _MACHINES.items():
            DeployedMachine(
                self,
                kind,
                deployment=deployment,
                definition=define(calls, deployment.kind.works, environment.concurrency),
            )
            CfnOutput(
                self,
                f"{kind.capitalize()}StateMachineArn",
                value=deployment.names.machine_arn(kind),
            )

    def _call_by_schedule(self, deployment: Deployment, steps: WorkflowFunctions) -> None:
        if steps.renewing is not None:
            Schedule(
                self,
                "Renewal",
                deployment=deployment,
                calls="renew_certificate",
                function=steps.renewing,
                minutes=minutes_between(deployment.environment.certificate_age),
                description="Asks whether the certificate of validation is to be renewed",
            )
        Schedule(
            self,
            "Observation",
            deployment=deployment,
            calls="observe_migration",
            function=steps.observing,
            minutes=1,
            description="Tells as metrics what no request shows",
        )
