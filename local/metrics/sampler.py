"""What AWS counts of queues and executions, which is seen by looking.

SQS guide, "Available CloudWatch metrics for Amazon SQS"; Step Functions guide, "Monitoring Step
Functions metrics using CloudWatch".
"""

from __future__ import annotations

import time
from typing import Any

from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from local.looking import Looking
from local.metrics.store import Metric, Store
from local.places import ACCOUNT, REGION

_LOOK_SECONDS = 1.0
_ENDS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}


class Sampler(Looking):
    """Looks every second at what is not an event: the length of queues, the end of executions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ended: set[str] = set()
        super().__init__(self._sample, every=_LOOK_SECONDS, at="queues and executions")

    def _sample(self) -> None:
        self._look_at_queues()
        self._look_at_executions()

    def _look_at_queues(self) -> None:
        now = time.time()
        for queue in list(sqs_backends[ACCOUNT][REGION].queues.values()):
            with queue._messages_lock:
                visible = len(queue.messages)
                hidden = queue.approximate_number_of_messages_not_visible
                sent: list[Any] = [message.sent_timestamp for message in queue._messages]
            age = max(0.0, now - min(sent) / 1000) if sent else 0.0
            for name, value, unit in (
                ("ApproximateNumberOfMessagesVisible", visible, "Count"),
                ("ApproximateNumberOfMessagesNotVisible", hidden, "Count"),
                ("ApproximateAgeOfOldestMessage", age, "Seconds"),
            ):
                metric = Metric("AWS/SQS", name, (("QueueName", queue.name),))
                self._store.add(metric, float(value), at=now, unit=unit)

    def _look_at_executions(self) -> None:
        for machine in list(stepfunctions_parser_backends[ACCOUNT][REGION].state_machines):
            for execution in list(machine.executions):
                arn, status = execution.execution_arn, str(execution.status)
                if arn not in self._ended and status in _ENDS and execution.stop_date:
                    self._ended.add(arn)
                    self._count(machine.arn, status, execution)

    def _count(self, machine: str, status: str, execution: Any) -> None:
        at = execution.stop_date.timestamp()
        ran = (execution.stop_date - execution.start_date).total_seconds() * 1000
        dimensions = (("StateMachineArn", machine),)
        self._store.add(Metric("AWS/States", _ENDS[status], dimensions), 1.0, at=at, unit="Count")
        metric = Metric("AWS/States", "ExecutionTime", dimensions)
        self._store.add(metric, ran, at=at, unit="Milliseconds")
