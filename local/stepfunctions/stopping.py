"""StopExecution: the execution is ABORTED when the call returns, with the error and cause given.

moto drops both, waits for what runs, and waits for ever where that is a task token or a retry.
"""

from __future__ import annotations

import datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.responses import StepFunctionResponse

from local.mend import replace


def install() -> None:
    """Put our stop in the place of moto's, and let nothing overrule it."""
    replace(StepFunctionResponse, "stop_execution", _answer)
    replace(Execution, "stop", _stop)
    _keep_the_end()


def _answer(self: Any) -> ActionResult:
    """Answer the call, with the error and cause that moto leaves out."""
    arn = self._get_param("executionArn")
    backend = self.stepfunction_backend
    backend._validate_execution_arn(arn)
    machine: StateMachine = backend._get_state_machine_for_execution(arn)
    # moto's own raises for an execution that is not there and passes empty reasons on
    execution = next((one for one in machine.executions if one.execution_arn == arn), None)
    if execution is None:
        execution = machine.stop_execution(arn)
    now = datetime.datetime.now(tz=datetime.UTC)
    execution.stop(now, error=self._get_param("error"), cause=self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date})


def _stop(self: Any, stop_date: datetime.datetime, error: str | None, cause: str | None) -> None:
    """Mark the execution, then wake whatever waits in it; a running function runs on, as on AWS."""
    if self.exec_status != ExecutionStatus.RUNNING:
        return
    self.exec_status = ExecutionStatus.ABORTED
    self.stop_date = stop_date
    self.error, self.cause = error or None, cause or None
    environment = self.exec_worker.env
    environment.set_stop(stop_date=stop_date, cause=cause, error=error)
    for endpoint in list(environment.callback_pool_manager._pool.values()):
        endpoint.interrupt_all()


def _keep_the_end() -> None:
    """Keep what still runs in a stopped execution from giving it another end."""
    reflect: Any = BaseExecutionWorkerCommunication._reflect_execution_status
    set_error: Any = Environment.set_error

    def reflect_unless_stopped(self: Any) -> None:
        if self.execution.exec_status != ExecutionStatus.ABORTED:
            reflect(self)

    def set_error_unless_stopped(self: Any, error: Any) -> None:
        if not isinstance(self._program_state, ProgramStopped):
            set_error(self, error)

    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", reflect_unless_stopped)
    replace(Environment, "set_error", set_error_unless_stopped)
