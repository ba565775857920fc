"""moto runs functions in Docker or not at all; here they run as AWS runs them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import lifecycle
from local.places import Places
from tests.local.conftest import Clients, archive, eventually

Invoke = Callable[..., tuple[str | None, Any]]
Make = Callable[..., str]

WHO = """
import os
def handler(event, context):
    return {
        "pid": os.getpid(), "value": os.environ.get("VALUE"), "event": event,
        "version": context.function_version, "left": context.get_remaining_time_in_millis(),
        "name": os.environ["AWS_LAMBDA_FUNCTION_NAME"], "endpoint": os.environ["AWS_ENDPOINT_URL"],
        "secret": os.environ.get("SECRET_OF_THE_OPERATOR"),
    }
"""


def test_an_event_reaches_the_handler_and_comes_back(make_function: Make, invoke: Invoke) -> None:
    name = make_function(WHO, Timeout=7)
    error, answer = invoke(name, {"é": "☃"})
    assert error is None
    assert answer["event"] == {"é": "☃"}
    assert answer["name"] == name
    assert 0 < answer["left"] <= 7000
    assert answer["endpoint"].startswith("http://localhost:")


def test_a_second_event_finds_the_worker_warm(make_function: Make, invoke: Invoke) -> None:
    name = make_function(WHO)
    assert invoke(name)[1]["pid"] == invoke(name)[1]["pid"]


def test_the_checkout_cannot_be_imported_by_a_function(make_function: Make, invoke: Invoke) -> None:
    error, answer = invoke(make_function("import local\ndef handler(e, c): return 1"))
    assert error == "Unhandled"
    assert answer["errorType"] == "Runtime.ImportModuleError"
    assert "No module named 'local'" in answer["errorMessage"]


def test_an_exception_is_reported_with_its_trace(make_function: Make, invoke: Invoke) -> None:
    error, answer = invoke(make_function("def handler(e, c): raise ValueError('no')"))
    assert error == "Unhandled"
    assert (answer["errorType"], answer["errorMessage"]) == ("ValueError", "no")
    assert "in handler" in answer["stackTrace"][0]


def test_an_exit_is_an_exit_error_and_the_next_event_gets_a_new_worker(
    make_function: Make, invoke: Invoke
) -> None:
    name = make_function("import os\ndef handler(e, c): return os._exit(3) if e else 'well'")
    error, answer = invoke(name, {"exit": True})
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "exit status 3" in answer["errorMessage"]
    assert invoke(name) == (None, "well")


def test_a_killed_worker_is_an_exit_error(
    make_function: Make, invoke: Invoke, places: Places
) -> None:
    name = make_function("import time\ndef handler(e, c): time.sleep(60)", Timeout=90)

    def pids() -> list[int]:
        functions = {one.name: one for one in lifecycle.status(places).functions}
        return functions[name].worker_pids

    killer = threading.Thread(target=lambda: os.kill(eventually(pids)[0], signal.SIGKILL))
    killer.start()
    error, answer = invoke(name)
    killer.join()
    assert (error, answer["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert "signal: killed" in answer["errorMessage"]


def test_a_function_that_takes_too_long_times_out(make_function: Make, invoke: Invoke) -> None:
    name = make_function("import time\ndef handler(e, c): time.sleep(60)", Timeout=1)
    error, answer = invoke(name)
    assert (error, answer["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert "timed out after 1.00 seconds" in answer["errorMessage"]


def test_a_new_environment_retires_the_old_worker(
    make_function: Make, invoke: Invoke, clients: Clients
) -> None:
    name = make_function(WHO, Environment={"Variables": {"VALUE": "old"}})
    before = invoke(name)[1]
    clients("lambda").update_function_configuration(
        FunctionName=name, Environment={"Variables": {"VALUE": "new"}}
    )
    after = invoke(name)[1]
    assert (before["value"], after["value"]) == ("old", "new")
    assert before["pid"] != after["pid"]


def test_new_code_runs_at_once(make_function: Make, invoke: Invoke, clients: Clients) -> None:
    name = make_function("def handler(e, c): return 'old'")
    assert invoke(name) == (None, "old")
    new = archive("def handler(e, c): return 'new'")
    clients("lambda").update_function_code(FunctionName=name, ZipFile=new)
    assert invoke(name) == (None, "new")


def test_a_version_keeps_its_environment_and_is_chosen_by_the_qualifier(
    make_function: Make, invoke: Invoke, clients: Clients
) -> None:
    name = make_function(WHO, Environment={"Variables": {"VALUE": "published"}})
    version = clients("lambda").publish_version(FunctionName=name)["Version"]
    clients("lambda").update_function_configuration(
        FunctionName=name, Environment={"Variables": {"VALUE": "latest"}}
    )
    # moto takes the qualifier from the event's own JSON
    _, answer = invoke(name, {"qualifier": "$LATEST"}, Qualifier=version)
    assert (answer["version"], answer["value"]) == (version, "published")
    assert invoke(name)[1]["value"] == "latest"


def test_the_operators_environment_does_not_leak(make_function: Make, invoke: Invoke) -> None:
    os.environ["SECRET_OF_THE_OPERATOR"] = "hidden"
    try:
        assert invoke(make_function(WHO))[1]["secret"] is None
    finally:
        del os.environ["SECRET_OF_THE_OPERATOR"]


def test_an_asynchronous_event_is_tried_three_times(
    make_function: Make, clients: Clients, places: Places
) -> None:
    name = make_function("def handler(e, c): raise ValueError('again')")
    answer = clients("lambda").invoke(FunctionName=name, InvocationType="Event", Payload="{}")
    assert answer["StatusCode"] == 202

    def errors() -> bool:
        functions = {one.name: one for one in lifecycle.status(places).functions}
        return functions[name].errors == 3

    assert eventually(errors)


def test_reserved_concurrency_of_zero_refuses(
    make_function: Make, invoke: Invoke, clients: Clients
) -> None:
    name = make_function(WHO)
    clients("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        clients("lambda").invoke(FunctionName=name)


def test_what_a_function_prints_is_in_its_file_and_its_log_group(
    make_function: Make, invoke: Invoke, clients: Clients, places: Places
) -> None:
    name = make_function("def handler(e, c): print('said', 'aloud')")
    invoke(name)

    def events() -> list[Any]:
        found = clients("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        return [event for event in found if event["message"] == "said aloud"]

    assert eventually(events)
    assert "said aloud\n" in (places.logs / f"{name}.log").read_text()
