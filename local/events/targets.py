"""Sends events to targets: functions, state machines, topics and queues.

What fails is tried again, not for a day as on AWS but for some seconds, and goes then to the dead
letters of the target, or into the log.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from moto.awslambda.utils import get_backend

from local.clients import Clients
from local.events import inputs
from local.lambdas.invoke import Functions
from local.places import ACCOUNT, REGION

_log = logging.getLogger(__name__)
_PAUSES = (0.2, 1.0, 3.0)
SERVICES = frozenset({"lambda", "states", "sns", "sqs"})


class Targets:
    """Reaches the targets of rules, without making the sender wait."""

    def __init__(self, functions: Functions, clients: Clients) -> None:
        self._functions = functions
        self._clients = clients
        self._later = ThreadPoolExecutor(8, thread_name_prefix="event-target")

    def send(self, rule: Any, event: inputs.Event) -> None:
        """Send an event to every target of a rule."""
        for target in list(rule.targets):
            self._later.submit(self._send, rule, target, event)

    def close(self) -> None:
        """Drop what was to be sent; what is being sent is not waited for."""
        self._later.shutdown(wait=False, cancel_futures=True)

    def _send(self, rule: Any, target: Mapping[str, Any], event: inputs.Event) -> None:
        attempts = (target.get("RetryPolicy") or {}).get("MaximumRetryAttempts", len(_PAUSES))
        pauses = _PAUSES[: int(attempts)]
        for attempt in range(len(pauses) + 1):
            try:
                self._send_once(target["Arn"], inputs.text(rule, target, event))
            except Exception as error:  # noqa: BLE001 - the entry point of a delivery: it ends below
                if attempt == len(pauses):
                    self._give_up(rule, target, event, error)
                else:
                    time.sleep(pauses[attempt])
            else:
                return

    def _send_once(self, arn: str, body: str) -> None:
        service = service_of(arn)
        if service == "lambda":
            self._functions.run_later(get_backend(ACCOUNT, REGION).get_function(arn), body.encode())
        elif service == "states":
            self._clients("stepfunctions").start_execution(stateMachineArn=arn, input=body)
        elif service == "sns":
            self._clients("sns").publish(TopicArn=arn, Message=body)
        elif service == "sqs":
            self._queue(arn, body)
        else:
            raise ValueError(f"the local cloud's rules do not reach {arn}")

    def _queue(self, arn: str, body: str, **more: Any) -> None:
        client = self._clients("sqs")
        url = client.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody=body, **more)

    def _give_up(
        self, rule: Any, target: Mapping[str, Any], event: inputs.Event, error: Exception
    ) -> None:
        """Send a dead letter with the attributes of AWS's, or say in the log what was lost."""
        _log.error("%s did not reach %s", rule.arn, target["Arn"], exc_info=error)
        letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if letters is None:
            return
        said = {
            "RULE_ARN": rule.arn,
            "TARGET_ARN": target["Arn"],
            "ERROR_CODE": type(error).__name__,
            "ERROR_MESSAGE": str(error) or type(error).__name__,
        }
        attributes = {
            name: {"DataType": "String", "StringValue": value} for name, value in said.items()
        }
        try:
            self._queue(letters, json.dumps(event), MessageAttributes=attributes)
        except Exception:  # noqa: BLE001 - nobody is left to be told but the log
            _log.exception("no dead letter for an event of %s", rule.arn)


def service_of(arn: str) -> str:
    """Name the service of an ARN."""
    return arn.split(":")[2]
