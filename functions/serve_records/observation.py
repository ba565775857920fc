"""What is logged, traced and counted of each request, without a body or a person's data."""

import traceback
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.metering import add, metrics_of, tell
from shared.engine.meter import Meter
from shared.model.errors import NotInPhase, RecordHeld
from shared.model.metrics import Metric

OPEN_TO_ALL = "GET /health"
"""The route that asks for no token: a flood of it must not thin out the errors of the others."""

CREATE = "POST "
"""What the route of a create begins with; no other route is a POST."""
OWN_REASONS = frozenset({NotInPhase.code, RecordHeld.code})
"""The codes of refusals (4xx) for which no caller is to blame, but the migration."""

Serve = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]


class Observation:
    """The logger, tracer and metrics of one migration's API."""

    def __init__(self, migration: str, meter: Meter) -> None:
        self._logger = Logger()
        self._tracer = Tracer(patch_modules=["botocore"])  # the rest of its list is never used
        self._metrics = metrics_of(migration)
        self._meter = meter
        self._code: str | None = None

    def of(self, resolve: Serve) -> Serve:
        """Return the same service, observed."""

        def serve(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
            self._code = None
            answer = resolve(event, context)
            status = answer["statusCode"]
            route = event.get("routeKey")
            counted = route != OPEN_TO_ALL
            add(self._metrics, Metric.REQUESTS, float(counted))
            add(self._metrics, Metric.ERRORS, float(counted and status >= 500))
            if str(route).startswith(CREATE):
                self._count_create(status)
            tell(self._metrics, self._meter)
            self._logger.info("answered", route=route, status=status)
            return answer

        counted = self._metrics.log_metrics(serve)
        traced = self._tracer.capture_lambda_handler(
            counted, capture_response=False, capture_error=False
        )
        logged: Serve = self._logger.inject_lambda_context(
            traced, correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True
        )
        return logged

    def _count_create(self, status: int) -> None:
        """Count a create that was ours to do; one that its caller got wrong says nothing of us."""
        failed = status >= 500 or self._code in OWN_REASONS
        if failed or status < 400:
            add(self._metrics, Metric.CREATES, 1.0)
            add(self._metrics, Metric.CREATES_FAILED, float(failed))

    def refused(self, code: str) -> None:
        """Let a refusal's code stand beside the request's metrics."""
        self._code = code
        self._metrics.add_metadata("code", code)

    def failed(self, error: Exception) -> None:
        """Log where an unexpected error came from; its message may hold a record, so not that."""
        places = "".join(traceback.format_tb(error.__traceback__))
        self._logger.error("internal error", error=type(error).__name__, places=places)
