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
from infra.workflows.journey import journey
from infra.workflows.single import backfill, validate
from infra.workflows.states import Calls
from shared.model.declaration import TableToTable
from shared.model.environment import Environment
from shared.model.runs import RunKind

_JOB = ("start_run", "finish_run", "record_failure")
_JOURNEY = (
    *_JOB,
    "start_journey",
    "plan_step",
    "check_preflight",
    "move_phase",
    "request_approval",
    "export_source",
    "delete_source",
    "finish_journey",
    "dry_run_segment",
    "backfill_segment",
    "validate_segment",
)

Machine = tuple[Callable[[Calls, int], dict[str, Any]], tuple[str, ...]]
_MACHINES: dict[str, Machine] = {
    "migrate": (lambda calls, bound: journey(calls, RunKind.MIGRATE, bound), _JOURNEY),
    "backfill": (backfill, (*_JOB, "backfill_segment", "dry_run_segment")),
    "validate": (validate, (*_JOB, "validate_segment")),
    "rollback": (lambda calls, bound: journey(calls, RunKind.ROLLBACK, bound), _JOURNEY),
}


class WorkflowStack(Stack):
    """Operators start the machines by name; the machines call one function per step."""

    def __init__(
        self,
        scope: Construct,
        *,
        migration: TableToTable,
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
        Schedule(
            self,
            "Renewal",
            deployment=deployment,
            calls="renew_certificate",
            function=steps.renewing,
            minutes=minutes_between(environment.certificate_age),
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
        AlarmAnswer(self, "Alarm", deployment=deployment, function=steps.answering)
        calls = Calls(deployment.names)
        for kind, (define, functions) in _MACHINES.items():
            DeployedMachine(
                self,
                kind,
                deployment=deployment,
                definition=define(calls, environment.concurrency),
                functions=functions,
            )
            CfnOutput(
                self,
                f"{kind.capitalize()}StateMachineArn",
                value=deployment.names.machine_arn(kind),
            )
