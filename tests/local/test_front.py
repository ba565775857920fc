"""The server's own manners: connections stay open, and its paths do not hide moto's."""

from __future__ import annotations

import gc
import http.client
import json
import socket
import weakref

from moto.core.common_models import BaseModel

from local import forgetting
from tests.local.conftest import Clients


def test_two_requests_share_a_connection(port: int) -> None:
    connection = http.client.HTTPConnection("localhost", port)
    connection.request("POST", "/nowhere", b"unread body", {"Content-Type": "text/plain"})
    connection.getresponse().read()
    first = connection.sock
    connection.request("GET", "/_cutover/status")
    page = json.load(connection.getresponse())
    assert page["port"] == port
    assert connection.sock is first  # http.client drops the socket when told to close
    connection.close()


def test_a_client_that_asks_first_is_told_to_continue(port: int, clients: Clients) -> None:
    clients("s3").create_bucket(Bucket="patient")
    with socket.create_connection(("localhost", port), timeout=30) as client:
        client.sendall(
            b"PUT /patient/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ok")
        assert client.recv(100).startswith(b"HTTP/1.1 200")
    answer = clients("s3").get_object(Bucket="patient", Key="key")
    assert answer["Body"].read() == b"ok"


def test_the_head_of_an_object_has_its_size_and_no_body(port: int, clients: Clients) -> None:
    clients("s3").create_bucket(Bucket="headed")
    clients("s3").put_object(Bucket="headed", Key="key", Body=b"12345")
    assert clients("s3").head_object(Bucket="headed", Key="key")["ContentLength"] == 5


def test_an_object_that_is_gone_is_freed() -> None:
    class Thing(BaseModel):
        """Something that moto would remember."""

    before = BaseModel.__new__
    assert Thing in {type(one) for one in [*Thing.instances_tracked, Thing()]}
    forgetting.install()
    try:
        thing = Thing()
        seen = weakref.ref(thing)
        del thing
        gc.collect()
        assert seen() is None
    finally:
        BaseModel.__new__ = before  # type: ignore[method-assign]  # put back what the test replaced
