"""A distributed Map fails when more of its children fail than it tolerates.

moto reports failed children as succeeded with null for an output, and its grammar takes a
tolerated percentage only with a decimal point.
"""

from __future__ import annotations

import json
from typing import Any, cast

from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
    distributed_iteration_component,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from local.mend import replace

_EXCEEDED = StatesErrorNameType.StatesExceedToleratedFailureThreshold


def install() -> None:
    """Count failures after each Map, and read percentages in any form."""
    component = distributed_iteration_component.DistributedIterationComponent
    run: Any = component._map_run
    parse: Any = AmazonStateLanguageParser.parse

    def run_and_count(self: Any, env: Any, eval_input: Any) -> None:
        run(self, env, eval_input)
        counter = eval_input.map_run_record.item_counter
        failed = counter.failed.get() + counter.timed_out.get()
        if _exceeds(failed, counter.total.get(), eval_input):
            raise FailureEventException(_failure(env, failed))

    def parse_any_percentage(definition: str) -> Any:
        return parse(_with_decimal_points(definition))

    replace(component, "_map_run", run_and_count)
    replace(AmazonStateLanguageParser, "parse", staticmethod(parse_any_percentage))


def _exceeds(failed: int, total: int, tolerated: Any) -> bool:
    """Compare as AWS does: nothing given tolerates nothing; of two limits the first one counts."""
    count, percentage = tolerated.tolerated_failure_count, tolerated.tolerated_failure_percentage
    if not count and not percentage:
        return failed > 0
    too_many = bool(count) and failed > count
    too_large_a_share = bool(percentage) and failed * 100 > percentage * total
    return too_many or too_large_a_share


def _failure(env: Any, failed: int) -> FailureEvent:
    cause = f"The specified tolerated failure threshold was exceeded ({failed} failed)"
    details = TaskFailedEventDetails(error=_EXCEEDED.to_name(), cause=cause)
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=_EXCEEDED),
        event_type=HistoryEventType.TaskFailed,
        # a mapping with one of its many keys, which is how moto makes it everywhere
        event_details=cast("EventDetails", {"taskFailedEventDetails": details}),
    )


def _with_decimal_points(definition: str) -> str:
    if "ToleratedFailurePercentage" not in definition:
        return definition
    return json.dumps(_rewritten(json.loads(definition)))


def _rewritten(node: Any) -> Any:
    if isinstance(node, list):
        return [_rewritten(part) for part in node]
    if not isinstance(node, dict):
        return node
    return {
        key: float(value)
        if key == "ToleratedFailurePercentage" and isinstance(value, int)
        else _rewritten(value)
        for key, value in node.items()
    }
