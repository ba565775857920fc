"""The parts of which the machines' states are built."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.names import Names
from shared.model import errors

State = dict[str, Any]
States = dict[str, State]

FAILURE = "Record the failure"
LONGER_THAN_ANY_FUNCTION = 16 * 60
"""Seconds after which a task is given up; a function ends after 15 minutes at the latest."""

_PASSING = (errors.Contended, errors.LeaseLost, errors.OutcomeUnknown, errors.Throttled)
_CRASHES = (
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.TaskFailed",
)


def _kinds_of(error: type[errors.CutoverError]) -> Iterator[type[errors.CutoverError]]:
    yield error
    for kind in error.__subclasses__():
        yield from _kinds_of(kind)


def settled_errors() -> list[str]:
    """Return the names of the engine's errors that trying again does not mend."""
    return sorted(kind.__name__ for kind in _kinds_of(errors.CutoverError) if kind not in _PASSING)


def retries() -> list[State]:
    """Return the retriers of a task: what crashed is tried again, what was decided is not."""
    return [
        {"ErrorEquals": settled_errors(), "MaxAttempts": 0},
        {
            "ErrorEquals": list(_CRASHES),
            "IntervalSeconds": 1,
            "MaxAttempts": 3,
            "BackoffRate": 3,
            "JitterStrategy": "FULL",
        },
    ]


def rereads() -> list[State]:
    """Return the retrier of a Map that could not read the list of its items.

    S3 answers with an error now and then (AWS: "Best practices for Amazon S3: retry requests"), and
    one such answer must not end a journey of days. No child has begun by then.
    """
    return [
        {
            "ErrorEquals": ["States.ItemReaderFailed"],
            "IntervalSeconds": 1,
            "MaxAttempts": 6,
            "BackoffRate": 2,
            "JitterStrategy": "FULL",
        }
    ]


def catch(then: str = FAILURE, errors_caught: Iterable[str] = ("States.ALL",)) -> State:
    """Return a catcher that keeps the error in `$.failure`."""
    return {"ErrorEquals": list(errors_caught), "ResultPath": "$.failure", "Next": then}


@dataclass(frozen=True)
class Calls:
    """Makes the task states that call one migration's functions."""

    names: Names

    def task(
        self,
        function: str,
        payload: Mapping[str, Any],
        *,
        comment: str,
        then: str,
        result: str | None = None,
        keep: Iterable[str] = (),
        whole: str | None = None,
        caught: str = FAILURE,
    ) -> State:
        """Return a task whose answer goes to `$.<result>`: the fields of `keep`, or all of it
        under the name `whole`; without a result the answer is dropped."""
        selected = {f"{field}.$": f"$.Payload.{field}" for field in keep}
        if whole:
            selected[f"{whole}.$"] = "$.Payload"
        state: State = {
            "Type": "Task",
            "Comment": comment,
            "Resource": self._integration("lambda:invoke"),
            "Parameters": {
                "FunctionName": self.names.function_arn(function),
                "Payload": dict(payload),
            },
            "TimeoutSeconds": LONGER_THAN_ANY_FUNCTION,
            "Retry": retries(),
            "Catch": [catch(caught)],
            "ResultPath": f"$.{result}" if result else None,
            "Next": then,
        }
        return {**state, "ResultSelector": selected} if result else state

    def ask(
        self,
        function: str,
        payload: Mapping[str, Any],
        *,
        comment: str,
        then: str,
        patience: str,
    ) -> State:
        """Return a task that waits until a person answers, or goes on when the time is over.

        `patience` is the path of the seconds to wait.
        """
        state = self.task(
            function,
            {**payload, "token.$": "$$.Task.Token"},
            comment=comment,
            then=then,
        )
        bounded = {name: each for name, each in state.items() if name != "TimeoutSeconds"}
        return {
            **bounded,
            "Resource": self._integration("lambda:invoke.waitForTaskToken"),
            "TimeoutSecondsPath": patience,
            "Catch": [
                {"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": then},
                catch(),
            ],
        }

    def _integration(self, action: str) -> str:
        return f"arn:{self.names.place.partition}:states:::{action}"


def passing(result: Mapping[str, Any], *, comment: str, then: str, at: str = "$") -> State:
    """Return a state that puts fixed data at a path."""
    return {
        "Type": "Pass",
        "Comment": comment,
        "Result": dict(result),
        "ResultPath": at,
        "Next": then,
    }


def moved(source: str, to: str, *, comment: str, then: str) -> State:
    """Return a state that copies the data at one path to another."""
    return {
        "Type": "Pass",
        "Comment": comment,
        "InputPath": source,
        "ResultPath": to,
        "Next": then,
    }


def choice(rules: Iterable[State], *, comment: str, otherwise: str) -> State:
    """Return a choice among rules, each made by `when` or `when_true`."""
    return {"Type": "Choice", "Comment": comment, "Choices": list(rules), "Default": otherwise}


def when(path: str, value: str, then: str) -> State:
    """Return the rule that a text has this value."""
    return {"Variable": path, "StringEquals": value, "Next": then}


def when_true(path: str, then: str) -> State:
    """Return the rule that a flag is set."""
    return {"Variable": path, "BooleanEquals": True, "Next": then}


def wait_until(path: str, *, comment: str, then: str) -> State:
    """Return one wait until the time at a path; nothing polls."""
    return {"Type": "Wait", "Comment": comment, "TimestampPath": path, "Next": then}


def succeed(path: str, *, comment: str) -> State:
    """Return an end whose output is the data at a path."""
    return {"Type": "Succeed", "Comment": comment, "OutputPath": path}
