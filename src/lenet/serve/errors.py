"""Errors as HTTP responses: {"error": {"code", "message"}}."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lenet.errors import FetchError, InputError, LenetError

CODES = {
    400: "bad_request",
    401: "no_token",
    403: "other_origin",
    404: "not_found",
    405: "wrong_method",
    408: "slow_body",
    413: "too_large",
    415: "wrong_type",
    421: "unknown_host",
}


class BusyError(LenetError):
    """No capacity now; retry after `retry_after` seconds."""

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotReadyError(BusyError):
    """The service is starting or stopping."""


class RequestTimeoutError(LenetError):
    """A worker exceeded the timeout."""


STATUS: dict[type[LenetError], tuple[int, str]] = {
    NotReadyError: (503, "not_ready"),
    BusyError: (503, "busy"),
    RequestTimeoutError: (504, "timeout"),
    InputError: (422, "invalid_input"),
    FetchError: (424, "data_missing"),
    LenetError: (500, "failed"),
}


def error_document(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


async def refused(request: Request, problem: Exception) -> Response:
    """The response to an HTTPException."""
    assert isinstance(problem, HTTPException)
    message = problem.detail
    if problem.status_code == 404:
        message = "not found; the page is /, the API description /openapi.json"
    if problem.status_code == 405:
        message = f"{request.method} is not allowed here; see /openapi.json"
    code = CODES.get(problem.status_code, "refused")
    headers = dict(problem.headers or {})
    return JSONResponse(error_document(code, message), problem.status_code, headers)


async def failed(request: Request, problem: Exception) -> Response:
    """The response to a LenetError."""
    status, code = next(STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS)
    headers = {"retry-after": str(problem.retry_after)} if isinstance(problem, BusyError) else {}
    return JSONResponse(error_document(code, str(problem)), status, headers)


async def broken(request: Request, problem: Exception) -> Response:
    """The response to a bug; its traceback is in the log."""
    message = "internal error; see the log of the service"
    return JSONResponse(error_document("failed", message), 500)
