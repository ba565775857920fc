"""The state machines as an operator sees them: started by name, and how they ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated
from shared.aws.identity import PATIENT, Identity
from shared.model.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far an execution is; `output` when it succeeded, else what its failure says.

    `status` is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
    """

    status: str
    output: dict[str, Any] | None = None
    error: str = ""
    cause: str = ""

    @property
    def ended(self) -> bool:
        """Tell whether nothing more will happen."""
        return self.status not in ("RUNNING", "PENDING_REDRIVE")


class Workflows:
    """The state machines in one account and region."""

    def __init__(self, identity: Identity) -> None:
        session = boto3.session.Session(region_name=identity.region)
        self._stepfunctions = session.client("stepfunctions", config=PATIENT)
        self._prefix = f"arn:{identity.partition}:states:{identity.region}:{identity.account}"

    def execution(self, machine: str, name: str) -> str:
        """Return the ARN that an execution of this name has, before it is started."""
        return f"{self._prefix}:execution:{machine}:{name}"

    def start(self, machine: str, given: Mapping[str, Any], name: str) -> str:
        """Start a state machine by its name and return the execution's ARN.

        Safe to repeat: the same name with the same input is the same execution.
        """
        answer: dict[str, Any] | None = None
        with translated(writes=True):
            try:
                answer = self._stepfunctions.start_execution(
                    stateMachineArn=f"{self._prefix}:stateMachine:{machine}",
                    name=name,
                    input=json.dumps(given, ensure_ascii=False, sort_keys=True),
                )
            except ClientError as error:
                if code_of(error) != "StateMachineDoesNotExist":
                    raise
        if answer is None:
            raise InvalidInput(
                f"there is no state machine {machine} in this account and region",
                field="migration",
                mend="deploy the stacks: `cutover local deploy`, or `cdk deploy` on AWS",
            )
        return str(answer["executionArn"])

    def outcome(self, execution: str) -> Outcome:
        """Return how far an execution is."""
        with translated(writes=False):
            answer = self._stepfunctions.describe_execution(executionArn=execution)
        output = answer.get("output")
        return Outcome(
            str(answer["status"]),
            json.loads(output) if output else None,
            str(answer.get("error") or ""),
            str(answer.get("cause") or ""),
        )
