"""Faults of the services other than DynamoDB: S3, SQS, Step Functions …

Whom a request is for stands in its signature, as the scope of its credential.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from local.faults.chaos import Chaos
from local.front import Application, Environ, StartResponse

_SCOPE = re.compile(r"Credential=[^/,\s]+/[0-9]*/[^/]+/(?P<service>[a-z0-9-]+)/aws4_request")
_STATUS = "500 Internal Server Error"


def faulty(application: Application, chaos: Chaos) -> Application:
    """Return an application some of whose requests meet what was asked for."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        service = service_of(environ)
        if service is None or service not in chaos.wish.services:
            return application(environ, start_response)
        chaos.pause("slow")
        if chaos.happens("refuse"):
            return _broken(service, start_response)
        answered = application(environ, start_response)
        chaos.pause("hang")
        if chaos.happens("lose"):
            return _broken(service, start_response)
        return answered

    return answer


def service_of(environ: Environ) -> str | None:
    """Name the service that a request was signed for; None when it was not signed."""
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
    return found["service"] if found else None


def _broken(service: str, start_response: StartResponse) -> Iterable[bytes]:
    """Answer that the service has a fault, in the form in which it says so."""
    if service == "s3":
        start_response(_STATUS, [("Content-Type", "application/xml")])
        return [b"<Error><Code>InternalError</Code><Message>Please try again</Message></Error>"]
    start_response(_STATUS, [("Content-Type", "application/x-amz-json-1.0")])
    return [json.dumps({"__type": "InternalFailure", "message": "Please try again"}).encode()]
