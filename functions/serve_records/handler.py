"""Serves one migration's records over HTTP: what API Gateway calls."""

import os
from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.serve_records.application import Serving, build
from functions.serve_records.cursors import Cursors
from functions.serve_records.observation import Observation
from functions.serve_records.shadow_sender import ShadowSender
from shared import bootstrap, catalogue
from shared.engine.sampling import Offer
from shared.model.errors import InvalidInput
from shared.settings import read_settings

SECRET_KEPT_SECONDS = 3600


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request of an HTTP API (payload format 2.0)."""
    return _service()(event, context)


@cache
def _service() -> Callable[[dict[str, Any], LambdaContext], dict[str, Any]]:
    settings = read_settings(os.environ)
    migration = catalogue.load(settings.migration)
    arn = settings.cursor_secret
    if migration.api is None or arn is None:
        raise InvalidInput(
            f"{migration.name} declares no API, or CUTOVER_CURSOR_SECRET is not set", field="api"
        )
    cursors = Cursors(lambda: str(parameters.get_secret(arn, max_age=SECRET_KEPT_SECONDS)))
    records = bootstrap.records(os.environ, _offering)
    observation = Observation(migration.name, records.meter)
    serving = Serving(migration, migration.api, records, cursors)
    return observation.of(build(serving, observation))


def _offering() -> Offer:
    """Return what takes the keys of sampled reads; asked for only where reads are compared."""
    meter = bootstrap.world(os.environ).meter
    return ShadowSender(bootstrap.shadow_reads(os.environ), meter).offer
