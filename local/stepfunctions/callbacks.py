"""Task tokens: each is good for one answer, and a late one is told so.

moto accepts a second answer while the execution runs, calls a used token invalid afterwards, and
drops the cause of a failure.
"""

from __future__ import annotations

from typing import Any

from moto.core.responses import EmptyResult
from moto.stepfunctions.parser.api import InvalidToken, TaskTimedOut
from moto.stepfunctions.parser.asl.eval.callback.callback import (
    CallbackOutcome,
    CallbackOutcomeFailure,
    CallbackOutcomeSuccess,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from local.mend import replace


def install() -> None:
    """Put our answers in the place of moto's."""
    replace(StepFunctionsParserBackend, "send_task_success", _succeed)
    replace(StepFunctionsParserBackend, "send_task_failure", _fail)
    replace(StepFunctionResponse, "send_task_failure", _answer_failure)


def _answer_failure(self: Any) -> EmptyResult:
    self.stepfunction_backend.send_task_failure(
        self._get_param("taskToken"), self._get_param("error"), self._get_param("cause")
    )
    return EmptyResult()


def _succeed(self: Any, task_token: str, outcome: str) -> None:
    _settle(self, task_token, CallbackOutcomeSuccess(callback_id=task_token, output=outcome))


def _fail(self: Any, task_token: str, error: str | None = None, cause: str | None = None) -> None:
    _settle(
        self, task_token, CallbackOutcomeFailure(callback_id=task_token, error=error, cause=cause)
    )


def _settle(backend: Any, token: str, outcome: CallbackOutcome) -> None:
    """Give the outcome to the one task that waits for it."""
    for execution in backend._get_executions():
        endpoint = execution.exec_worker.env.callback_pool_manager.get(token)
        if endpoint is None:
            continue
        # the event is set by an answer, by a timeout and by a stop alike
        if endpoint._notify_event.is_set():
            message = "Task Timed Out: 'Provided task does not exist anymore'"
            raise TaskTimedOut(message, TaskTimedOut.code)
        endpoint.notify(outcome)
        return
    raise InvalidToken
