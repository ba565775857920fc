"""Where faults are asked for: GET shows them, PUT sets all of them, DELETE ends them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from pydantic import ValidationError

from local.faults.chaos import Chaos
from local.faults.wish import Wish
from local.front import Application, Environ, StartResponse

PATH = "/_cutover/faults"


def page(chaos: Chaos) -> Application:
    """Serve the faults of a server."""

    def answer(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        status = "200 OK"
        document: dict[str, object] = {}
        try:
            if method == "PUT":
                chaos.ask(Wish.model_validate_json(environ["wsgi.input"].read()))
            elif method == "DELETE":
                chaos.ask(Wish())
            elif method != "GET":
                status = "405 Method Not Allowed"
            document = chaos.report()
        except ValidationError as error:
            status = "400 Bad Request"
            document = {"message": str(error)}
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(document).encode()]

    return answer
