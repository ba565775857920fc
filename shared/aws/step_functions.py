"""The workflows in Step Functions (the port `Executions`)."""

import json
from typing import Any

from botocore.exceptions import ClientError

from shared.aws.errors import code_of, translated

ENDED = frozenset({"InvalidToken", "TaskDoesNotExist", "TaskTimedOut"})
"""Nobody waits with a token (SendTaskSuccess API reference): closed, or of no execution known."""


class StateMachines:
    """Executions of the migration's state machines."""

    def __init__(self, stepfunctions: Any) -> None:
        self._stepfunctions = stepfunctions

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
