"""An execution may start another and wait for it: `startExecution`, `.sync` and `.sync:2`.

moto leaves out the translation between the names in a definition and those of the API.
"""

from __future__ import annotations

import datetime
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_callback,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (  # noqa: E501 - moto's own name
    StateTaskServiceSfn,
)

from local.mend import replace

_POLL_SECONDS = 0.05


def install() -> None:
    """Translate names on the way in and out, and look more often than twice a second."""
    normalise: Any = StateTaskServiceSfn._normalise_parameters

    def to_api(self: Any, parameters: dict[str, Any], *more: Any, **options: Any) -> None:
        normalise(self, parameters, *more, **options)
        _rename(parameters, str.lower)

    def to_definition(_self: Any, response: Any, **_options: Any) -> None:
        response.pop("ResponseMetadata", None)
        _rename(response, str.upper)
        for name, value in response.items():
            if isinstance(value, datetime.datetime):
                response[name] = int(value.timestamp() * 1000)  # milliseconds, as on AWS

    replace(StateTaskServiceSfn, "_normalise_parameters", to_api)
    replace(StateTaskServiceSfn, "_normalise_response", to_definition)
    replace(state_task_service_callback, "_DELAY_SECONDS_SYNC_CONDITION_CHECK", _POLL_SECONDS)


def _rename(mapping: Any, first: Any) -> None:
    """Change the case of each name's first letter, in place as moto expects."""
    for name in list(mapping):
        mapping[first(name[0]) + name[1:]] = mapping.pop(name)
