"""The HTTP interface: addresses, headers, and errors as JSON."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool
from starlette.datastructures import MutableHeaders, UploadFile
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.errors import FetchError, InputError, LenetError
from lenet.network.weights import Weights
from lenet.page.assemble import page_files
from lenet.serve.answers import Answers
from lenet.serve.learning import BusyError, Event, Wish, claim, release, training

MOST_BYTES = 32 * 2**20  # of a request's body
MOST_FILES = 100  # images in one request
# The page asks nobody but this server, and nobody may frame it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
STATUS: dict[type[LenetError], tuple[int, str]] = {
    BusyError: (503, "busy"),
    InputError: (422, "invalid_input"),
    FetchError: (424, "data_missing"),
    LenetError: (500, "failed"),
}


class Headers:
    """Every answer carries the headers above."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


class Lesson(StreamingResponse):
    """A training as events; its place is given back however the answer ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            release()


def make_app(weights: Weights, data_dir: Path | None = None) -> Starlette:
    """The page and the interface.

    weights : the network behind /v1
    data_dir : where the page's training looks for MNIST
    """
    answers, files = Answers(weights), page_files(served=True)

    async def page(request: Request) -> Response:
        name = request.url.path.lstrip("/") or "index.html"
        return Response(files[name], media_type=mimetypes.guess_type(name)[0])

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def read(request: Request) -> Response:
        named = await _files(request)
        with_images = request.query_params.get("images") in ("1", "true")
        return JSONResponse(await run_in_threadpool(answers.read, named, images=with_images))

    async def classify(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(answers.classify, await _json(request)))

    async def stages(request: Request) -> Response:
        if _kind(request) == "application/json":
            document = await run_in_threadpool(answers.stages_of_json, await _json(request))
        else:
            document = await run_in_threadpool(answers.stages_of_file, await request.body())
        return JSONResponse(document)

    async def train(request: Request) -> Response:
        wish = Wish.from_json(await _json(request), data_dir)
        claim()
        return Lesson(_stream(training(wish)), media_type="text/event-stream")

    routes = [
        Route("/", page),
        Route("/healthz", health),
        Route("/v1/read", read, methods=["POST"]),
        Route("/v1/classify", classify, methods=["POST"]),
        Route("/v1/stages", stages, methods=["POST"]),
        Route("/v1/train", train, methods=["POST"]),
        *(Route(f"/{name}", page) for name in files),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Headers)],
        exception_handlers={HTTPException: _refused, LenetError: _failed},
        max_body_size=MOST_BYTES,
    )


async def _stream(events: Iterator[Event]) -> AsyncIterator[str]:
    """Server-sent events; the last one says what went wrong, if something did."""
    try:
        async for event in iterate_in_threadpool(events):
            yield f"data: {json.dumps(event)}\n\n"
    except LenetError as problem:
        yield f"data: {json.dumps({'event': 'error', 'message': str(problem)})}\n\n"


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _json(request: Request) -> Any:
    """The body as JSON. Asking for its type keeps other sites' forms out."""
    if _kind(request) != "application/json":
        raise HTTPException(415, "expected a body of type application/json")
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError) as problem:
        raise InputError(f"the body is not JSON ({problem})") from problem


async def _files(request: Request) -> list[tuple[str, bytes]]:
    """The images of a request and their names: its body, or the files of a multipart form."""
    if _kind(request) != "multipart/form-data":
        return [("body", await request.body())]
    async with request.form(max_files=MOST_FILES, max_fields=MOST_FILES) as form:
        parts = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
        if not parts:
            raise InputError("the form holds no file; send each image as a file of the form")
        return [(str(part.filename), await part.read()) for part in parts]


async def _refused(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    codes = {404: "not_found", 405: "wrong_method", 413: "too_large", 415: "wrong_type"}
    code, message = codes.get(problem.status_code, "refused"), problem.detail
    if problem.status_code == 404:
        message = f"there is no {request.url.path} here; the page is /"
    return _error(problem.status_code, code, message, dict(problem.headers or {}))


async def _failed(request: Request, problem: Exception) -> Response:
    status, code = next(STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS)
    return _error(status, code, str(problem), {"retry-after": "30"} if status == 503 else {})


def _error(status: int, code: str, message: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)
