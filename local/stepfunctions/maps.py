"""A distributed Map fails when more of its children fail than it tolerates, or has no items.

moto reports failed children as succeeded with null for an output, its grammar takes a tolerated
percentage only with a decimal point, and an item reader that S3 refuses is to it a fault of the
definition, by a name that AWS would neither retry nor catch.
"""

from __future__ import annotations

import json
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
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
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.item_reader_decl import (  # noqa: E501 - moto's own name
    ItemReader,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
    distributed_iteration_component,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from local.mend import replace

_EXCEEDED = StatesErrorNameType.StatesExceedToleratedFailureThreshold
_UNREAD = StatesErrorNameType.StatesItemReaderFailed


def install() -> None:
    """Count failures after each Map, name those of its reader, and read percentages in any form."""
    read: Any = ItemReader._eval_body
    component = distributed_iteration_component.DistributedIterationComponent
    run: Any = component._map_run
    parse: Any = AmazonStateLanguageParser.parse

    def read_or_say_so(self: Any, env: Any) -> None:
        try:
            read(self, env)
        except (BotoCoreError, ClientError) as error:
            raise FailureEventException(_failure(env, _UNREAD, str(error))) from error

    def run_and_count(self: Any, env: Any, eval_input: Any) -> None:
        run(self, env, eval_input)
        counter = eval_input.map_run_record.item_counter
        failed = counter.failed.get() + counter.timed_out.get()
        if _exceeds(failed, counter.total.get(), eval_input):
            cause = f"The specified tolerated failure threshold was exceeded ({failed} failed)"
            raise FailureEventException(_failure(env, _EXCEEDED, cause))

    def parse_any_percentage(definition: str) -> Any:
        return parse(_with_decimal_points(definition))

    replace(ItemReader, "_eval_body", read_or_say_so)
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


def _failure(env: Any, error: StatesErrorNameType, cause: str) -> FailureEvent:
    details = TaskFailedEventDetails(error=error.to_name(), cause=cause)
    return FailureEvent(
        env=env,
        error_name=StatesErrorName(typ=error),
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
