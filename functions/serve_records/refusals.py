"""Turns every error into one form of answer; nothing of a record or of the code leaks out."""

from collections.abc import Callable

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from functions.serve_records.answers import Refusal, blamed, refused, status_of
from functions.serve_records.observation import Observation
from shared.model.errors import CutoverError

Refuse = Callable[[int, str, str, str | None], Response[str]]


def answer_errors(app: APIGatewayHttpResolver, observation: Observation) -> None:
    """Register what the API answers to each kind of error."""

    def refuse(status: int, code: str, message: str, field: str | None = None) -> Response[str]:
        request_id = app.current_event.request_context.request_id
        observation.refused(code)
        refusal = Refusal(code=code, message=message, field=field, request_id=request_id)
        return refused(status, refusal)

    def unexpected(error: Exception) -> Response[str]:
        observation.failed(error)
        return refuse(500, "internal", "something went wrong here; it has been logged")

    def known(error: CutoverError) -> Response[str]:
        status = status_of(error)
        if status is None:
            return unexpected(error)
        message = f"{error.message}; {error.mend}" if error.mend else error.message
        return refuse(status, error.code, message, error.field)

    def invalid(error: RequestValidationError) -> Response[str]:
        field, message = blamed(error.errors())
        return refuse(400, "invalid_input", message, field)

    def not_json(_error: RequestUnsupportedContentType) -> Response[str]:
        return refuse(415, "unsupported_media_type", "send application/json", "Content-Type")

    def no_route(_error: NotFoundError) -> Response[str]:
        return refuse(404, "not_found", "there is nothing under this path and method")

    app.exception_handler(CutoverError)(known)
    app.exception_handler(RequestValidationError)(invalid)
    app.exception_handler(RequestUnsupportedContentType)(not_json)
    app.exception_handler(NotFoundError)(no_route)
    app.exception_handler(Exception)(unexpected)
