"""What moto's queues lack under several callers: one at a time in a queue, and none called from it.

moto's deletion copies the list of messages, so that one sent meanwhile is lost, and two receivers
may be given the same message. It also counts the whole queue some thirty times for each message
that is received, and asks the time for each that it counts: two thousand took minutes.
"""

from __future__ import annotations

from typing import Any

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend
from moto.core.utils import unix_time, unix_time_millis
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Queue, SQSBackend, sqs_backends

from local.mend import replace


def install() -> None:
    """Put the lock around what reads and changes a queue, and leave functions to the poller."""
    replace(SQSBackend, "receive_message", _alone(SQSBackend.receive_message))
    replace(SQSBackend, "delete_message", _alone(SQSBackend.delete_message))
    change = SQSBackend.change_message_visibility
    replace(SQSBackend, "change_message_visibility", _alone(change))
    _count_at_one_moment()
    replace(Queue, "delete_message", _delete_message)
    replace(SQSBackend, "is_message_valid_based_on_retention_period", _is_kept)
    _keep_the_policy()
    _call_no_function()


def _alone(method: Any) -> Any:
    """Run a method of the backend under its queue's lock; a receiver that waits lets go of it."""

    def locked(self: Any, queue_name: str, *values: Any, **options: Any) -> Any:
        with self.get_queue(queue_name)._messages_lock:
            return method(self, queue_name, *values, **options)

    return locked


def _count_at_one_moment() -> None:
    """Ask for the time once for each look at a queue."""

    def messages(self: Any) -> list[Any]:
        now = unix_time_millis()
        return [one for one in list(self._messages) if one.visible_at < now >= one.delayed_until]

    def hidden(self: Any) -> int:
        now = unix_time_millis()
        return sum(one.visible_at >= now for one in list(self._messages))

    def delayed(self: Any) -> int:
        now = unix_time_millis()
        return sum(one.delayed_until > now for one in list(self._messages))

    replace(Queue, "messages", property(messages))
    replace(Queue, "approximate_number_of_messages_not_visible", property(hidden))
    replace(Queue, "approximate_number_of_messages_delayed", property(delayed))


def _delete_message(self: Any, receipt_handle: str) -> None:
    """Take one message out of the list; those in flight are near its beginning."""
    if receipt_handle in self.deleted_messages:
        return
    for place, message in enumerate(self._messages):
        if message.had_receipt_handle(receipt_handle):
            del self._messages[place]
            self.pending_messages.discard(message)
            self.deleted_messages.update(message.all_receipt_handles)
            return
    raise ReceiptHandleIsInvalid


def _is_kept(self: Any, queue_name: str, message: Any) -> bool:
    """Tell whether a message is younger than its queue keeps any."""
    kept: float = self.get_queue(queue_name).message_retention_period
    return bool(kept + message.sent_timestamp / 1000 > unix_time())


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
