"""The door moto's Lambda is routed through: synchronous, asynchronous and dry invocations."""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.core.config import default_user_config
from moto.core.exceptions import JsonRESTError

from local.lambdas.archive import laid_out
from local.lambdas.deployment import Deployment, deployment_of
from local.lambdas.function_log import FunctionLog
from local.lambdas.pool import WorkerPool
from local.lambdas.runtime_api import Outcome
from local.lambdas.worker import Worker
from local.mend import replace
from local.metrics import embedded
from local.metrics.function_usage import FunctionUsage
from local.metrics.store import Store
from local.places import Places

#: Calls a function of a name; faults hook in here.
Perform = Callable[[str, Callable[[], Outcome]], Outcome]

# Lambda waits one minute and then two; nobody wants to sit through that on a laptop.
_RETRY_SECONDS = (1.0, 2.0)


class Throttled(JsonRESTError):
    """Refuses an invocation of a function whose reserved concurrency is zero."""

    code = 429

    def __init__(self) -> None:
        super().__init__("TooManyRequestsException", "Rate Exceeded.")


class Functions:
    """Runs moto's functions on workers; the one place that knows both."""

    def __init__(self, places: Places, endpoint: str, metrics: Store) -> None:
        self._places = places
        self._endpoint = endpoint
        self._archives: dict[str, bytes] = {}
        self._log = FunctionLog(places.logs, lambda line: embedded.take_in(metrics, line))
        self.usage = FunctionUsage(metrics)
        self.perform: Perform = lambda _name, invoke: invoke()
        self.pool = WorkerPool(self._start_worker)
        self._later = ThreadPoolExecutor(16, thread_name_prefix="async-invoke")

    def run(self, function: Any, event: bytes) -> Outcome:
        """Run one event on a moto function and wait for the outcome."""
        deployment = deployment_of(function)
        if deployment.concurrency == 0:
            self.usage.throttled(deployment.name)
            raise Throttled
        self._archives[deployment.digest] = function.code_bytes
        outcome = self.perform(deployment.name, partial(self.pool.invoke, deployment, event))
        self.usage.invoked(deployment.name, outcome)
        return outcome

    def run_later(self, function: Any, event: bytes) -> None:
        """Accept an event as Lambda's queue does: up to two more attempts after a failed one."""
        self._later.submit(self._attempts, function, event)

    def _attempts(self, function: Any, event: bytes) -> None:
        for attempt in range(_retries(function) + 1):
            if attempt:
                time.sleep(_RETRY_SECONDS[attempt - 1])
            if self.run(function, event).error is None:
                return

    def _start_worker(self, deployment: Deployment) -> Worker:
        code = laid_out(self._archives[deployment.digest], deployment.digest, self._places.code)
        return Worker(deployment, code, self._endpoint, self._log.writer(deployment))

    def close(self) -> None:
        """End every worker and drop what was to run later."""
        self.pool.close()
        self._later.shutdown(wait=False, cancel_futures=True)


def _retries(function: Any) -> int:
    """Read how often a failed asynchronous event is tried again; twice unless configured."""
    for settings in function.event_invoke_config[:1]:
        return int(settings.config.get("MaximumRetryAttempts", len(_RETRY_SECONDS)))
    return len(_RETRY_SECONDS)


def install(functions: Functions) -> None:
    """Route both places where moto invokes a function to the workers, and forget deleted ones."""
    delete = LambdaBackend.delete_function

    def invoke_by_name(
        self: Any, name: str, qualifier: str | None, body: Any, headers: Any, response_headers: Any
    ) -> bytes:
        return _answer(
            functions, self.get_function(name, qualifier), body, headers, response_headers
        )

    def invoke_directly(self: Any, body: Any, headers: Any, response_headers: Any) -> bytes:
        return _answer(functions, self, body, headers, response_headers)

    def delete_function(self: Any, name: str, qualifier: str | None = None) -> None:
        delete(self, name, qualifier)
        functions.pool.retire(name.rsplit(":", 1)[-1])

    default_user_config["lambda"] = {"use_docker": False}
    replace(LambdaSimpleBackend, "invoke", invoke_by_name)
    replace(LambdaFunction, "invoke", invoke_directly)
    replace(LambdaBackend, "delete_function", delete_function)
    _heed_the_qualifier()


def _heed_the_qualifier() -> None:
    """Read the version asked for from the query; moto looks for it in the event's own JSON."""
    get_param = LambdaResponse._get_param

    def get_param_of_query(self: Any, name: str, if_none: Any = None) -> Any:
        if name == "qualifier":
            return self.querystring.get("Qualifier", [None])[0]
        return get_param(self, name, if_none)

    replace(LambdaResponse, "_get_param", get_param_of_query)


def _answer(
    functions: Functions,
    function: Any,
    body: Any,
    headers: Any,
    response_headers: MutableMapping[str, str],
) -> bytes:
    """Do what the invocation type asks for."""
    event = body.encode() if isinstance(body, str) else bytes(body or b"")
    event = event or b"{}"
    kind = (headers or {}).get("X-Amz-Invocation-Type", "RequestResponse")
    if kind == "DryRun":
        return b""
    if kind == "Event":
        functions.run_later(function, event)
        return b""
    outcome = functions.run(function, event)
    if outcome.error is not None:
        response_headers["X-Amz-Function-Error"] = outcome.error
    response_headers["X-Amz-Executed-Version"] = str(function.version)
    return outcome.payload
