"""What functions print: to a file per function, and to the log group that AWS would make for it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from moto.logs.models import logs_backends

from local.lambdas.deployment import Deployment
from local.places import ACCOUNT, REGION


class FunctionLog:
    """Gives each worker a place to write its lines; `hear` is told each of them as well."""

    def __init__(self, folder: Path, hear: Callable[[str], None]) -> None:
        self._folder = folder
        self._hear = hear
        self._guard = threading.Lock()

    def writer(self, deployment: Deployment) -> Callable[[str], None]:
        """Open a log stream for one worker, as AWS does for one sandbox."""
        group = f"/aws/lambda/{deployment.name}"
        day = time.strftime("%Y/%m/%d", time.gmtime())
        stream = f"{day}/[{deployment.version}]{uuid.uuid4().hex}"
        logs = logs_backends[ACCOUNT][REGION]
        with self._guard:
            if group not in logs.groups:
                logs.create_log_group(group, tags={})
            logs.create_log_stream(group, stream)
        path = self._folder / f"{deployment.name}.log"

        def write(line: str) -> None:
            self._hear(line)
            with self._guard:
                with path.open("a", encoding="utf-8") as file:
                    # the runtime client sends a multi-line message as one, joined by returns
                    file.write(line.replace("\r", "\n") + "\n")
                if group in logs.groups:  # a deleted stack takes its group with it
                    event = {"timestamp": int(time.time() * 1000), "message": line}
                    logs.put_log_events(group, stream, [event])

        return write
