"""The workflows in Step Functions (the port `Executions`)."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated
from shared.model.runs import RunKind

ENDED = frozenset({"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"})
"""Nobody waits with a token (SendTaskSuccess API reference): closed, or of no execution known."""


class StateMachines:
    """Executions of the migration's state machines, whose ARNs are a prefix and their kind."""

    def __init__(self, stepfunctions: Any, prefix: str) -> None:
        self._stepfunctions = stepfunctions
        self._prefix = prefix

    def running(self, execution: str) -> bool:
        """Tell whether an execution is still under way; one that is forgotten is not."""
        with translated(writes=False):
            try:
                answer = self._stepfunctions.describe_execution(executionArn=execution)
            except ClientError as error:
                if code_of(error) == "ExecutionDoesNotExist":
                    return False
                raise
        return bool(answer["status"] == "RUNNING")

    def start(self, kind: RunKind, given: Mapping[str, Any], name: str) -> None:
        """Start the migration's workflow of a kind; a name that was used before starts none."""
        with translated(writes=True):
            try:
                self._stepfunctions.start_execution(
                    stateMachineArn=f"{self._prefix}{kind}",
                    name=name,
                    input=json.dumps(given, ensure_ascii=False, sort_keys=True),
                )
            except ClientError as error:
                if code_of(error) != "ExecutionAlreadyExists":
                    raise

    def wake(self, waiter: str, gate: str) -> None:
        """Let a workflow that waits at a gate go on; one that has ended is no error."""
        with translated(writes=True):
            try:
                self._stepfunctions.send_task_success(
                    taskToken=waiter, output=json.dumps({"gate": gate})
                )
            except ClientError as error:
                if code_of(error) not in ENDED:
                    raise
