"""What is logged, traced and counted of each request, without a body or a person's data."""

import traceback
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

Serve = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]
NAMESPACE = "Cutover"


class Observation:
    """The logger, tracer and metrics of one migration's API."""

    def __init__(self, migration: str) -> None:
        self._logger = Logger()
        self._tracer = Tracer(patch_modules=["botocore"])  # the rest of its list is never used
        self._metrics = Metrics(namespace=NAMESPACE)
        self._metrics.set_default_dimensions(migration=migration)

    def of(self, resolve: Serve) -> Serve:
        """Return the same service, observed."""

        def serve(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
            answer = resolve(event, context)
            self._metrics.add_metric("Requests", MetricUnit.Count, 1)
            status = answer["statusCode"]
            self._logger.info("answered", route=event.get("routeKey"), status=status)
            return answer

        counted = self._metrics.log_metrics(serve)
        traced = self._tracer.capture_lambda_handler(
            counted, capture_response=False, capture_error=False
        )
        logged: Serve = self._logger.inject_lambda_context(
            traced, correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True
        )
        return logged

    def refused(self, code: str, status: int) -> None:
        """Count a refusal by its code; those of 500 and above also as the service's own."""
        self._metrics.add_metric("Errors", MetricUnit.Count, 1)
        self._metrics.add_metric(f"Error.{code}", MetricUnit.Count, 1)
        if status >= 500:
            self._metrics.add_metric("ServerErrors", MetricUnit.Count, 1)

    def failed(self, error: Exception) -> None:
        """Log where an unexpected error came from; its message may hold a record, so not that."""
        places = "".join(traceback.format_tb(error.__traceback__))
        self._logger.error("internal error", error=type(error).__name__, places=places)
