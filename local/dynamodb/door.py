"""The way in: item operations are answered before moto's routing, on connections kept open.

A request through moto's own dispatch costs several milliseconds, and werkzeug closes the
connection after each. Whatever is not an item operation goes on to moto as ever.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from moto.core.responses import BaseResponse
from moto.dynamodb.responses import DynamoHandler
from moto.iam.models import get_account_id_from
from werkzeug.serving import WSGIRequestHandler

from local.dynamodb.answers import headers
from local.dynamodb.operations import OPERATIONS, answer
from local.dynamodb.tables import Session
from local.mend import replace

_TARGET = "DynamoDB_20120810."
_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/,\s]+)/[0-9]*/(?P<region>[^/]+)/")
_DEFAULT_REGION = "us-east-1"


def operation(target: str | None) -> str | None:
    """Name the item operation an X-Amz-Target asks for; None when it is not one of them."""
    if not target or not target.startswith(_TARGET):
        return None
    name = target[len(_TARGET) :]
    return name if name in OPERATIONS else None


def session_of(authorization: str | None, account: str | None) -> Session:
    """Tell account and region as moto would, from the credential and moto's own header."""
    credential = _CREDENTIAL.search(authorization or "")
    region = credential["region"] if credential else _DEFAULT_REGION
    account = os.environ.get("MOTO_ACCOUNT_ID") or account
    if not account:
        account = get_account_id_from(credential["key"] if credential else "")
    return Session(str(account), region)


def install() -> None:
    """Put the front before moto, for the server and for moto's in-process mocks alike."""
    _answer_on_the_wire()
    _answer_in_process()


def _answer_on_the_wire() -> None:
    replace(WSGIRequestHandler, "run_wsgi", _before_moto(WSGIRequestHandler.run_wsgi))
    # werkzeug answers "100 Continue" itself; http.server would do it a second time.
    replace(WSGIRequestHandler, "handle_expect_100", lambda _self: True)
    WSGIRequestHandler.protocol_version = "HTTP/1.1"
    WSGIRequestHandler.disable_nagle_algorithm = True


def _before_moto(through_moto: Callable[..., None]) -> Callable[..., None]:
    def run(self: WSGIRequestHandler) -> None:
        name = operation(self.headers.get("X-Amz-Target"))
        if name is None or self.headers.get("Transfer-Encoding"):
            through_moto(self)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        head = self.headers
        session = session_of(head.get("Authorization"), head.get("x-moto-account-id"))
        status, content = answer(name, session, body)
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
        lines += [f"{header}: {value}" for header, value in headers(content).items()]
        # One write, so that the answer leaves in as few packets as it can.
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + content)

    return run


def _answer_in_process() -> None:
    replace(DynamoHandler, "call_action", _instead_of_moto(DynamoHandler.call_action))


def _instead_of_moto(through_moto: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: BaseResponse) -> Any:
        name = operation(self.headers.get("X-Amz-Target"))
        if name is None:
            return through_moto(self)
        session = Session(self.current_account, self.region)
        status, content = answer(name, session, self.raw_body)
        return status, headers(content), content.decode()

    return call
