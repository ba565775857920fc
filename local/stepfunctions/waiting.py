"""Wait states end at the instant asked for, and the context's times can be waited for.

moto cuts fractions of seconds off twice, so that a wait of a second and a half may be none at all,
and takes a timestamp in UTC for local time.
"""

from __future__ import annotations

import datetime
import re
import time
from typing import Any

from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import (
    TIMESTAMP_PATTERN,
    Timestamp,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import (
    WaitFunction,
)

from local.mend import replace


def install() -> None:
    """Put exact waits in the place of moto's."""
    replace(Timestamp, "_from_timestamp_string", staticmethod(_instant))
    replace(Timestamp, "_get_wait_seconds", _seconds_until)
    replace(WaitFunction, "_wait_interval", _wait)
    replace(state, "StateData", _state_data)


def _instant(text: str) -> datetime.datetime | None:
    """Read a timestamp as the states language defines it; None when it is none."""
    if re.match(TIMESTAMP_PATTERN, text) is None:
        return None
    try:
        return datetime.datetime.fromisoformat(text)
    except ValueError:
        return None


def _seconds_until(self: Any, env: Any) -> float:
    self.string.eval(env=env)
    text = env.stack.pop()
    instant = _instant(text)
    if instant is None:
        raise FailureEventException(self._create_failure_event(env, text))
    return (instant - datetime.datetime.now(tz=datetime.UTC)).total_seconds()


def _wait(_self: Any, env: Any, wait_seconds: float) -> None:
    """Wait until the time is up or the execution has ended otherwise."""
    deadline = time.monotonic() + wait_seconds
    while env.is_running() and (left := deadline - time.monotonic()) > 0:
        env.program_state_event.wait(left)


def _state_data(EnteredTime: str, **rest: Any) -> dict[str, Any]:  # noqa: N803 - the key's own spelling
    """Write the time a state was entered as AWS does: milliseconds and a Z, which Wait can read."""
    return {"EnteredTime": EnteredTime[:23] + "Z", **rest}
