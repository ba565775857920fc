"""State machines that CloudFormation made execute, without delays of the engine's own."""

from __future__ import annotations

import functools
import logging
import threading
import time
import uuid
from types import SimpleNamespace
from typing import Any

import boto3
import moto.stepfunctions.models as stored
from botocore.config import Config
from moto.core.config import default_user_config
from moto.stepfunctions.parser.asl.component import eval_component
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import (
    StepFunctionsParserBackend,
    stepfunctions_parser_backends,
)

from local.mend import replace


def install() -> None:
    """Close every gap; must run before the server takes requests."""
    _execute_what_is_deployed()
    _parse_each_definition_once()
    _make_each_client_once()
    _start_before_answering()
    _name_each_execution()
    _keep_data_out_of_the_log()


def _execute_what_is_deployed() -> None:
    """Put state machines made by CloudFormation into the backend that executes them."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    replace(stored, "stepfunctions_backends", stepfunctions_parser_backends)


def _parse_each_definition_once() -> None:
    """Keep parsed definitions: parsing a large one takes seconds and is done at every start.

    The evaluation components are stateless by moto's own rule, so executions may share them.
    """
    parse = functools.lru_cache(maxsize=64)(AmazonStateLanguageParser.parse)
    replace(AmazonStateLanguageParser, "parse", staticmethod(parse))


def _make_each_client_once() -> None:
    """Keep boto3's clients: the engine makes a new one for every task it runs."""
    clients: dict[tuple[str, str], Any] = {}
    guard = threading.Lock()
    make: Any = boto3.client  # typed by an overload per service; this name is known at run time

    def client(*, service_name: str, region_name: str, config: Any, **options: Any) -> Any:
        with guard:
            key = (service_name, region_name)
            if key not in clients:
                pooled = config.merge(Config(max_pool_connections=64))
                clients[key] = make(service_name, region_name, config=pooled, **options)
            return clients[key]

    replace(boto_client, "boto3", SimpleNamespace(client=client))


def _start_before_answering() -> None:
    """Have an execution's environment ready when its start is answered.

    Until then, moto fails any stop and any task token of any execution.
    """
    start: Any = ExecutionWorker.start

    def started(self: Any) -> None:
        start(self)
        deadline = time.monotonic() + 30
        while self.env is None and time.monotonic() < deadline:
            time.sleep(0.001)

    replace(ExecutionWorker, "start", started)


def _name_each_execution() -> None:
    """Give an execution that was started without a name one of its own, as AWS does."""
    start: Any = StepFunctionsParserBackend.start_execution

    def start_named(
        self: Any,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> Any:
        chosen = name or str(uuid.uuid4())
        return start(self, state_machine_arn, chosen, execution_input, trace_header)

    replace(StepFunctionsParserBackend, "start_execution", start_named)


def _keep_data_out_of_the_log() -> None:
    """Silence the engine's own reports: each failed state logs its whole tree with its data."""
    logging.getLogger(eval_component.__name__).setLevel(logging.CRITICAL)
