"""The ASGI application: its routes and their handlers."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lenet.data.datasets import load_set
from lenet.engine.select import best_engine
from lenet.errors import LenetError
from lenet.network.plane import ByteArray
from lenet.network.weights import load_weights
from lenet.serve import documents
from lenet.serve.batcher import MAX_REQUEST_IMAGES, Batcher
from lenet.serve.config import ServiceConfig
from lenet.serve.errors import NotReadyError, broken, failed, refused
from lenet.serve.middleware import Middleware
from lenet.serve.monitoring import Log, Metrics
from lenet.serve.openapi import describe
from lenet.serve.request_body import BYTES, FORM, JSON, BodyReceiver, check_image, files_of, kind_of
from lenet.serve.train_stream import TrainRequest, open_stream
from lenet.serve.worker_pool import WorkerPool
from lenet.web.assemble import GALLERY, page_files
from lenet.web.gallery import gallery_of, gallery_script

MAX_JSON = 6 * documents.PIXELS * MAX_REQUEST_IMAGES  # bytes parsed in this process
Handler = Callable[[Request, bytes], Awaitable[Response]]


class Service:
    """One network, its workers, and the routes to them.

    Raises InputError where the weights cannot be used.
    """

    def __init__(self, config: ServiceConfig) -> None:
        self.config, self.stopping, self._has_gallery = config, False, False
        self.network = best_engine(load_weights(config.weights or "1998"), threads=1)
        self.log, self.bodies = Log(requests=config.log_requests), BodyReceiver()
        self.page = {name: _packed(content) for name, content in page_files(served=True).items()}
        self.workers = WorkerPool(config, self._worker_failed)
        routes = self._routes()
        self.metrics = Metrics(frozenset(route.path for route in routes))
        self.batcher = Batcher(self.network, self.metrics.batch)
        self._gauges()
        app = Starlette(
            routes=[
                *routes,
                Route(f"/{GALLERY}", self.gallery),
                *(Route(f"/{name}", self.file) for name in self.page),
            ],
            lifespan=self._lifespan,
            exception_handlers={HTTPException: refused, LenetError: failed, Exception: broken},
        )
        app.router.redirect_slashes = False
        self.app: ASGIApp = Middleware(app, config, self._observe)

    def _routes(self) -> list[Route]:
        def post(path: str, handler: Handler, check: Callable[[], None] | None = None) -> Route:
            return Route(path, self._with_body(handler, check), methods=["POST"])

        return [
            post("/v1/classify", self.classify),
            post("/v1/read", self.read, self.workers.check_room),
            post("/v1/stages", self.stages),
            post("/v1/train", self.train),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.prometheus),
            Route("/openapi.json", self.openapi),
            Route("/", self.file),
        ]

    def _with_body(
        self, handler: Handler, check: Callable[[], None] | None
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that receives the body, unless `check` refuses the request first."""

        async def endpoint(request: Request) -> Response:
            if check is not None:
                check()
            body = await self.bodies.receive(request)
            try:
                return await handler(request, body)
            finally:
                self.bodies.release(body)

        return endpoint

    async def classify(self, request: Request, body: bytes) -> Response:
        """Small requests are batched here; larger ones go to a worker."""
        kind = kind_of(request)
        if kind == JSON and len(body) <= MAX_JSON:
            images = documents.from_json(body)
        elif kind == BYTES and len(body) <= MAX_REQUEST_IMAGES * documents.PIXELS:
            images = documents.from_bytes(body)
        elif kind in (JSON, BYTES):
            return _json(await self.workers.ask("classify", body, kind == JSON))
        else:
            raise HTTPException(415, f"expected a body of type {JSON} or {BYTES}")
        if len(images) > MAX_REQUEST_IMAGES:
            return _json(await self.workers.ask("classify", body, kind == JSON))
        return JSONResponse(documents.classify_document(*await self.batcher.ask(images)))

    async def read(self, request: Request, body: bytes) -> Response:
        with_images = request.query_params.get("images") in ("1", "true")
        kind = kind_of(request)
        if kind == FORM:
            files = [(*file, with_images) for file in await files_of(request, body)]
            return _json(documents.form_document(await self.workers.ask_each("read_file", files)))
        check_image(body, kind)
        return _json(await self.workers.ask("read", body, with_images))

    async def stages(self, request: Request, body: bytes) -> Response:
        kind = kind_of(request)
        if kind == JSON:
            return self._stages(documents.from_json(_small(body), documents.OneImage)[0])
        if kind == BYTES and len(body) == documents.PIXELS:
            return self._stages(documents.from_bytes(body)[0])
        check_image(body, kind)
        return _json(await self.workers.ask("stages", body))

    def _stages(self, image: ByteArray) -> Response:
        return JSONResponse(documents.stages_document(self.network, image))

    async def train(self, request: Request, body: bytes) -> Response:
        if kind_of(request) != JSON:
            raise HTTPException(415, f"expected a body of type {JSON}")
        wanted = documents.parse(TrainRequest, _small(body))
        return await open_stream(wanted, self.config.data_dir, lambda: self.stopping)

    async def healthz(self, request: Request) -> Response:
        """Live: the event loop runs."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """Ready: a worker runs, the known digit is read, and the service is not stopping."""
        if reason := self.not_ready_reason():
            raise NotReadyError(reason)
        return JSONResponse({"status": "ready", "workers": self.workers.ready})

    def not_ready_reason(self) -> str:
        """Why the service is not ready; empty if it is."""
        if self.stopping:
            return "the service is stopping"
        if not self.workers.ready:
            return self.workers.trouble
        value = int(documents.classify(self.network, documents.KNOWN[None]).values[0])
        if value != documents.KNOWN_VALUE:
            return f"the known digit {documents.KNOWN_VALUE} was read as {value}"
        return ""

    async def prometheus(self, request: Request) -> Response:
        return Response(self.metrics.text(), media_type=self.metrics.content_type)

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(describe())

    async def file(self, request: Request) -> Response:
        """A file of the page, compressed; a browser that has it is told so."""
        name = request.url.path.lstrip("/") or "index.html"
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        content, tag = self.page[name][zipped]
        headers = {"etag": tag, "cache-control": "no-cache", "vary": "accept-encoding"}
        known = request.headers.get("if-none-match", "").split(",")
        if {"*", tag} & {each.strip().removeprefix("W/") for each in known}:
            return Response(status_code=304, headers=headers)
        if zipped:
            headers["content-encoding"] = "gzip"
        return Response(content, headers=headers, media_type=mimetypes.guess_type(name)[0])

    async def gallery(self, request: Request) -> Response:
        """The page's gallery: of MNIST's test digits, where the data folder has them."""
        if not self._has_gallery:
            with contextlib.suppress(LenetError):  # then that which comes with the page
                document = await run_in_threadpool(_mnist_gallery, self.config.data_dir)
                self.page[GALLERY] = _packed(gallery_script(document))
            self._has_gallery = True
        return await self.file(request)

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self.log.start()
        self.workers.start()
        self.log.event("start", workers=self.config.workers)
        try:
            yield
        finally:
            await self.workers.stop()
            self.log.event("stop")
            self.log.stop()

    def _observe(self, method: str, path: str, status: int, seconds: float) -> None:
        route = path if path in self.metrics.routes else "other"
        self.metrics.request(route, status, seconds)
        self.log.request(method, route, status, seconds)

    def _worker_failed(self, message: str) -> None:
        self.metrics.worker_failure()
        self.log.error("worker", message=message)

    def _gauges(self) -> None:
        gauge = self.metrics.gauge
        gauge("lenet_queued", "Requests waiting for a worker", lambda: self.workers.queued)
        gauge("lenet_workers_ready", "Running workers", lambda: self.workers.ready)
        gauge("lenet_body_bytes", "Bytes of request bodies", lambda: self.bodies.held)
        gauge("lenet_log_dropped", "Dropped log lines", lambda: self.log.dropped)
        gauge("lenet_ready", "1 if ready, as /readyz", lambda: not self.not_ready_reason())


def _mnist_gallery(folder: Path | None) -> dict[str, Any]:
    weights, test = load_weights("1998"), load_set("mnist", folder).test
    penalties = best_engine(weights, threads=1).penalties(test.images)
    return gallery_of("mnist", test.images, test.labels, penalties, weights.temperature)


def _packed(content: bytes) -> tuple[tuple[bytes, str], tuple[bytes, str]]:
    """A file of the page as it is and compressed, each with its entity tag."""
    tag = hashlib.sha256(content).hexdigest()[:32]
    return (content, f'"{tag}"'), (gzip.compress(content, mtime=0), f'"{tag}-gzip"')


def _small(body: bytes) -> bytes:
    """JSON that is parsed in this process, where a large one would delay all requests."""
    if len(body) > MAX_JSON:
        words = f"expected at most {MAX_JSON:,} bytes of JSON here, got {len(body):,}"
        raise HTTPException(413, words)
    return body


def _json(document: bytes) -> Response:
    """The response with a worker's document."""
    return Response(document, media_type="application/json")
