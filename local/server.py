"""The process that is the local cloud: moto, the workers, the HTTP front, and an orderly end."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from dataclasses import asdict
from pathlib import Path

from local.dynamodb_local.process import Process
from local.places import ACCOUNT, DEFAULT_PORT, REGION, Places, Running, endpoint


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


class Cloud:
    """Everything that lives as long as the server does."""

    def __init__(self, running: Running, places: Places) -> None:
        # moto reads the environment when it is imported
        from local import cloudformation, dynamodb, forgetting, front, stepfunctions, tokens
        from local.clients import Clients
        from local.cloudformation.http_api_types import API_PATH
        from local.events.bus import Bus
        from local.events.targets import Targets
        from local.faults import everywhere, page, services
        from local.front import Application, Front, json_page, listen
        from local.http_apis.gateway import Gateway
        from local.lambdas import invoke
        from local.mappings import MakePoller, Pollers
        from local.metrics import cloudwatch
        from local.metrics.sampler import Sampler
        from local.metrics.store import Store
        from local.metrics.table_usage import TableUsage
        from local.queues import storage
        from local.queues.poller import QueuePoller
        from local.schedules import Scheduler
        from local.streams import shards
        from local.streams.poller import StreamPoller

        self._running = running
        self._places = places
        metrics = Store()
        cloudwatch.install(metrics)
        self.functions = invoke.Functions(places, endpoint(running.port), metrics)
        invoke.install(self.functions)
        stepfunctions.install()
        cloudformation.install(running.port)
        forgetting.install()
        front.install()
        dynamodb.install()
        shards.install()
        storage.install()
        kinds: dict[str, MakePoller] = {"dynamodb": StreamPoller, "sqs": QueuePoller}
        self._pollers = Pollers(self.functions, running.port, kinds)
        self._targets = Targets(self.functions, Clients(running.port))
        bus = Bus(self._targets)
        bus.install()
        self._scheduler = Scheduler(self._targets)
        self._dynamodb_local = _dynamodb_local(running, places)
        chaos = everywhere.install(self.functions)
        TableUsage(metrics).install()
        self._sampler = Sampler(metrics)
        issuer = f"{tokens.ISSUER_PATH}/.well-known"
        pages: dict[str, Application] = {
            "/_cutover/status": json_page(self.status),
            page.PATH: page.page(chaos),
            f"{issuer}/openid-configuration": json_page(lambda: tokens.configuration(running.port)),
            f"{issuer}/jwks.json": json_page(lambda: tokens.published_keys(places)),
            API_PATH: Gateway(self.functions),
        }
        self.server = listen(running.port, services.faulty(Front(pages), chaos))

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
        self._pollers.start()
        self._scheduler.start()
        self._sampler.start()
        stop.wait()
        self._sampler.close()
        self._scheduler.close()
        self._targets.close()
        self._pollers.close()
        self.functions.close()
        self.server.shutdown()
        if self._dynamodb_local is not None:
            self._dynamodb_local.close()


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
