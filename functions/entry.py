"""The door of every workflow function: parse the event, build the world once, word the errors.

A handler is declared with `@workflow_step(EventModel)` and gets a `Call`. What it returns
becomes the state's result. An engine error leaves the function under its class's name, with
`{message, field, run_id, mend, report}` as its text, which is what a state machine can read.
Any other error leaves it as `Crashed`, without its text, which may hold a record: Lambda logs
the text of whatever a function raises. So an engine error's message never names a key: that is
in `CutoverError.key`, which the operator's command shows and a function does not raise.
"""

import json
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, wraps
from pathlib import Path
from typing import Any, Generic, TypeVar

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict, ValidationError

import migrations
from functions.metering import metrics_of, tell
from shared import bootstrap
from shared.engine.world import World
from shared.model.errors import CutoverError, InvalidInput, StoreError
from shared.ports import Notifications
from shared.settings import PREFIX

_MIGRATIONS = Path(migrations.__file__).parent
"""What is raised in there may quote a record."""


class Event(BaseModel):
    """The base of what state machines send; a field nobody knows is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class RunEvent(Event):
    """A step of a run that is under way."""

    run_id: str


E = TypeVar("E", bound=Event)
Answer = BaseModel | dict[str, Any]
Handler = Callable[[Any, LambdaContext], dict[str, Any]]


@dataclass(frozen=True)
class Call(Generic[E]):
    """One invocation: its event, the world, and when its last page must have begun.

    `deadline` is in monotonic seconds: it leaves time for one worker operation and its
    checkpoint, with retries, before Lambda ends the function.
    """

    event: E
    world: World
    deadline: float


def workflow_step(model: type[E]) -> Callable[[Callable[[Call[E]], Answer]], Handler]:
    """Return a decorator that turns a step of the engine into a Lambda handler."""

    def decorate(step: Callable[[Call[E]], Answer]) -> Handler:
        def work(event: Any, context: LambdaContext) -> dict[str, Any]:
            try:
                call = _call(model, event, context)
                try:
                    answer = step(call)
                finally:
                    tell(metrics(), call.world.meter)
            except CutoverError as error:
                # its text may name a record's key, so only its class goes to logs
                logger().warning("refused", error=type(error).__name__, field=error.field)
                count("StepsRefused")
                raise worded(error) from error
            except Exception:
                count("StepsFailed")
                raise
            count("StepsDone")
            return answer if isinstance(answer, dict) else answer.model_dump(mode="json")

        @wraps(step)
        def handler(event: Any, context: LambdaContext) -> dict[str, Any]:
            answer: dict[str, Any] = instrumented(work)(event, context)
            return answer

        return handler

    return decorate


def worded(error: CutoverError) -> CutoverError:
    """Return the error of the same class whose text a state machine and a person can read.

    Lambda logs it: so it names no key, and of what a migration's own code says only the class.
    """
    foreign = _of_migration(error)
    told = {
        "message": foreign or error.message,
        "field": error.field,
        "run_id": error.run_id,
        "mend": "run that code on the record by hand" if foreign else error.mend,
        "report": error.report,
    }
    return type(error)(json.dumps(told, ensure_ascii=False))


def _of_migration(error: CutoverError) -> str | None:
    """Return what is told of an error that a migration's own code raised; None for the engine's."""
    places = traceback.extract_tb(error.__traceback__)
    if not places or _MIGRATIONS not in Path(places[-1].filename).parents:
        return None
    file = Path(places[-1].filename).relative_to(_MIGRATIONS)
    return f"{type(error).__name__} at migrations/{file}:{places[-1].lineno}"


class Crashed(Exception):
    """A function met an error that is not the engine's: its class and place, and no more."""

    def __init__(self, error: Exception) -> None:
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind, file = type(error).__name__, Path(place.filename).name
        super().__init__(f"{kind} at {file}:{place.lineno}; the function's log says how it came")


def log_crash(what: str, error: Exception) -> None:
    """Log where an unexpected error came from; its message may hold a record, so not that."""
    places = "".join(traceback.format_tb(error.__traceback__))
    logger().error(what, error=type(error).__name__, places=places)


def _call(model: type[E], event: Any, context: LambdaContext) -> Call[E]:
    parsed = _parse(model, event)
    world = bootstrap.world(os.environ)
    world = replace(world, notifications=Announced(world.notifications))
    logger().append_keys(run_id=getattr(parsed, "run_id", None))
    timing = world.environment.timing
    left = context.get_remaining_time_in_millis() / 1000
    reserve = timing.worker_operation + 5 * timing.request
    return Call(parsed, world, world.clock.monotonic() + left - reserve)


@dataclass(frozen=True)
class Announced:
    """Notifications whose failures are logged and counted; the engine goes on without them."""

    topic: Notifications

    def publish(self, subject: str, body: str) -> None:
        """Tell whoever has subscribed."""
        try:
            self.topic.publish(subject, body)
        except StoreError as error:
            logger().warning("could not notify", error=type(error).__name__, text=error.message)
            count("NotificationsFailed")
            raise


def _parse(model: type[E], event: Any) -> E:
    try:
        return model.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "event"
        raise InvalidInput(
            f"{field}: {first['msg']}",
            field=field,
            mend="the state machine and its functions must be of one deployment",
        ) from error


def count(name: str) -> None:
    """Count one of something in the function's metrics."""
    metrics().add_metric(name=name, unit=MetricUnit.Count, value=1)


# -- Powertools, built on first use: nothing happens at import


@cache
def logger() -> Logger:
    """Return the function's logger."""
    return Logger()


@cache
def metrics() -> Metrics:
    """Return what collects the function's metrics."""
    return metrics_of(os.environ.get(f"{PREFIX}MIGRATION", ""))


@cache
def _tracer() -> Tracer:
    # unpatched: a worker makes thousands of calls, each of which would become a subsegment
    return Tracer(auto_patch=False)


@cache
def instrumented(work: Handler) -> Handler:
    """Return the work with its request id in every log line, a trace, and its metrics flushed.

    Its errors are raised outside of all that: the tracer would log their text, and trace it.
    """

    def kept(event: Any, context: LambdaContext) -> dict[str, Any] | Exception:
        try:
            return work(event, context)
        except CutoverError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the entry point: raised again below
            log_crash("the function failed", error)
            return error

    traced = _tracer().capture_lambda_handler(kept, capture_response=False, capture_error=False)
    measured = metrics().log_metrics(traced)
    logged = logger().inject_lambda_context(measured, clear_state=True)

    def run(event: Any, context: LambdaContext) -> dict[str, Any]:
        found: dict[str, Any] | Exception = logged(event, context)
        if not isinstance(found, Exception):
            return found
        if isinstance(found, CutoverError):
            raise found
        raise Crashed(found) from found

    return run
