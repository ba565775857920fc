"""What moto's queues lack under several callers: one at a time in a queue, and none called from it.

moto's deletion copies the list of messages, so that one sent meanwhile is lost, and two receivers
may be given the same message.
"""

from __future__ import annotations

from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend
from moto.sqs.models import Queue, SQSBackend, sqs_backends

from local.mend import replace


def install() -> None:
    """Put the lock around what reads and changes a queue, and leave functions to the poller."""
    replace(SQSBackend, "receive_message", _alone(SQSBackend.receive_message))
    replace(SQSBackend, "delete_message", _alone(SQSBackend.delete_message))
    change = SQSBackend.change_message_visibility
    replace(SQSBackend, "change_message_visibility", _alone(change))
    _keep_the_policy()
    _call_no_function()


def _alone(method: Any) -> Any:
    """Run a method of the backend under its queue's lock; a receiver that waits lets go of it."""

    def locked(self: Any, queue_name: str, *values: Any, **options: Any) -> Any:
        with self.get_queue(queue_name)._messages_lock:
            return method(self, queue_name, *values, **options)

    return locked


def _keep_the_policy() -> None:
    """Leave a queue's policy alone when other attributes are set; moto empties it."""
    set_attributes = Queue._set_attributes

    def set_given(self: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        before = getattr(self, "_policy_json", None)
        set_attributes(self, attributes, now)
        if before is not None and "Policy" not in attributes:
            self._policy_json = before

    replace(Queue, "_set_attributes", set_given)


def _call_no_function() -> None:
    """Take a mapping off the queue, where moto looks for functions to call when one sends."""
    create = LambdaBackend.create_event_source_mapping

    def create_unhooked(self: Any, spec: dict[str, Any]) -> Any:
        for queue in _queues(self, spec):
            _refuse_a_slow_function(queue, self.get_function(spec["FunctionName"]))
        mapping = create(self, spec)
        for queue in _queues(self, spec):
            queue.lambda_event_source_mappings.clear()
        return mapping

    replace(LambdaBackend, "create_event_source_mapping", create_unhooked)


def _queues(backend: Any, spec: dict[str, Any]) -> list[Any]:
    """Give the queue that a mapping is for, if it is for one."""
    queues = list(sqs_backends[backend.account_id][backend.region_name].queues.values())
    return [queue for queue in queues if queue.queue_arn == spec.get("EventSourceArn")]


def _refuse_a_slow_function(queue: Any, function: Any) -> None:
    """Refuse, as Lambda does, a function that may still run when its messages come back."""
    hidden, timeout = int(queue.visibility_timeout), int(function.timeout)
    if hidden < timeout:
        raise InvalidParameterValueException(
            f"Queue visibility timeout: {hidden} seconds"
            f" is less than Function timeout: {timeout} seconds"
        )
