"""The process that is the local cloud: moto, the workers, the HTTP front, and an orderly end."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from local.dynamodb_local.process import Process
from local.places import ACCOUNT, DEFAULT_PORT, REGION, Places, Running, endpoint

if TYPE_CHECKING:  # moto reads the environment when it is imported
    from werkzeug.serving import BaseWSGIServer

    from local.faults.chaos import Chaos
    from local.metrics.store import Store


def _settle_environment(port: int) -> None:
    """Set what moto and its own boto3 clients read; must come before moto is imported."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint(port),
        "MOTO_PORT": str(port),
        "MOTO_ACCOUNT_ID": ACCOUNT,
    }


class Part(Protocol):
    """What works in a thread of its own while the server lives."""

    def start(self) -> None:
        """Begin; the server answers by now."""

    def close(self) -> None:
        """End."""


class Cloud:
    """Everything that lives as long as the server does."""

    def __init__(self, running: Running, places: Places) -> None:
        # moto reads the environment when it is imported
        from local.faults import everywhere
        from local.lambdas import invoke
        from local.metrics.store import Store
        from local.metrics.table_usage import TableUsage

        self._running = running
        self._places = places
        metrics = Store()
        self.functions = invoke.Functions(places, endpoint(running.port), metrics)
        invoke.install(self.functions)
        _mend_moto(running.port)
        self._join(metrics)
        self._dynamodb_local = _dynamodb_local(running, places)
        chaos = everywhere.install(self.functions)
        TableUsage(metrics).install()
        self.server = self._listen(chaos)

    def _join(self, metrics: Store) -> None:
        """Join metrics, alarms, rules and their targets, and what works beside the requests."""
        from local.alarms import cloudwatch as alarm_operations
        from local.alarms.announcer import Announcer
        from local.alarms.book import Book
        from local.alarms.evaluator import Evaluator
        from local.clients import Clients
        from local.events.bus import Bus
        from local.events.targets import Targets
        from local.mappings import Pollers
        from local.metrics import cloudwatch as metric_operations
        from local.metrics.sampler import Sampler
        from local.schedules import Scheduler

        clients = Clients(self._running.port)
        targets = Targets(self.functions, clients)
        bus = Bus(targets)
        bus.install()
        announcer = Announcer(bus, clients)
        book = Book(announcer)
        metric_operations.install(metrics)
        alarm_operations.install(book)
        self._scheduler = Scheduler(targets)
        pollers = Pollers(self.functions, clients)
        self._parts: list[Part] = [pollers, self._scheduler, Sampler(metrics)]
        self._parts.append(Evaluator(book, metrics))
        self._senders = (announcer, targets)

    def _listen(self, chaos: Chaos) -> BaseWSGIServer:
        """Bind the port, with this cloud's own pages before moto."""
        from local import strangers, tokens
        from local.cloudformation.http_api_types import API_PATH
        from local.faults import page, services
        from local.front import Application, Front, json_page, listen
        from local.http_apis.gateway import Gateway

        port, places = self._running.port, self._places
        issuer = f"{tokens.ISSUER_PATH}/.well-known"
        pages: dict[str, Application] = {
            "/_cutover/status": json_page(self.status),
            page.PATH: page.page(chaos),
            f"{issuer}/openid-configuration": json_page(lambda: tokens.configuration(port)),
            f"{issuer}/jwks.json": json_page(lambda: tokens.published_keys(places)),
            API_PATH: Gateway(self.functions),
        }
        return listen(port, strangers.kept_out(services.faulty(Front(pages), chaos)))

    def status(self) -> dict[str, object]:
        """Describe the server to whoever asks at `/_cutover/status`."""
        from local import inventory

        return {
            **asdict(self._running),
            "home": str(self._places.home),
            "functions": inventory.functions(self.functions.pool.report()),
            "apis": inventory.apis(),
            "state_machines": inventory.state_machines(),
            "schedules": self._scheduler.schedules.report(),
        }

    def serve(self) -> None:
        """Answer requests until a signal asks to stop, then end every worker."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        for part in self._parts:
            part.start()
        stop.wait()
        for part in reversed(self._parts):
            part.close()
        for sender in self._senders:
            sender.close()
        self.functions.close()
        self.server.shutdown()
        if self._dynamodb_local is not None:
            self._dynamodb_local.close()


def _mend_moto(port: int) -> None:
    """Put ours in the place of what moto lacks; must come before the first request."""
    from local import cloudformation, dynamodb, forgetting, front, stepfunctions
    from local.queues import moving, storage
    from local.streams import shards

    stepfunctions.install()
    cloudformation.install(port)
    forgetting.install()
    front.install()
    dynamodb.install()
    shards.install()
    storage.install()
    moving.install()


def _dynamodb_local(running: Running, places: Places) -> Process | None:
    """Start AWS's DynamoDB Local behind moto's tables, where it was asked for."""
    if running.dynamodb == "moto":
        return None
    from local import dynamodb_local

    return dynamodb_local.start(places)


def serve(running: Running, places: Places) -> None:
    """Run the server in this process until SIGTERM or SIGINT; the port must be free."""
    _settle_environment(running.port)
    lock = places.hold(running)
    if lock is None:
        raise SystemExit(f"a local cloud is already running in {places.home}")
    with lock:
        Cloud(running, places).serve()


def main() -> None:
    """Read the command line of the detached server."""
    parser = argparse.ArgumentParser(description="Serve the local cloud.")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--dynamodb", default="moto", choices=["moto", "local"])
    chosen = parser.parse_args()
    serve(Running(os.getpid(), chosen.port, chosen.dynamodb), Places(chosen.home))
    # Requests still running are threads that nobody waits for any more.
    os._exit(0)


if __name__ == "__main__":
    main()
