"""The addresses: what is asked of whom, and how the answer goes out."""

from __future__ import annotations

import contextlib
import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from lenet.engine.select import best_engine
from lenet.errors import LenetError
from lenet.network.weights import load_weights
from lenet.serve import digits, responses
from lenet.serve.batcher import LARGEST, Batcher
from lenet.serve.config import ServiceConfig
from lenet.serve.errors import NotReadyError, broken, failed, refused
from lenet.serve.log import Log
from lenet.serve.metrics import Metrics
from lenet.serve.middleware import Middleware
from lenet.serve.openapi import describe
from lenet.serve.request_body import BYTES, FORM, JSON, BodyReceiver, check_image, files_of, kind_of
from lenet.serve.train_stream import TrainRequest, TrainStream
from lenet.serve.worker_pool import WorkerPool
from lenet.web.assemble import page_files

LARGEST_JSON = 6 * 784 * LARGEST  # bytes that hold LARGEST images, blanks included
Handler = Callable[[Request, bytes], Awaitable[Response]]


class Service:
    """One network, its workers, and the addresses at which they answer.

    Raises InputError where the weights cannot be used.
    """

    def __init__(self, config: ServiceConfig) -> None:
        self.config, self.stopping = config, False
        self.network = best_engine(load_weights(config.weights or "1998"), threads=1)
        self.log, self.bodies = Log(requests=config.log_requests), BodyReceiver()
        self.page = page_files(served=True)
        self.workers = WorkerPool(config, self._worker_trouble)
        routes = self._routes()
        self.metrics = Metrics(frozenset(route.path for route in routes))
        self.batcher = Batcher(self.network, self.metrics.batch)
        self._gauges()
        addresses = Starlette(
            routes=[*routes, *(Route(f"/{name}", self.file) for name in self.page)],
            lifespan=self._lifespan,
            exception_handlers={HTTPException: refused, LenetError: failed, Exception: broken},
        )
        addresses.router.redirect_slashes = False
        self.app: ASGIApp = Middleware(addresses, config, self._watch)

    def _routes(self) -> list[Route]:
        def post(path: str, answer: Handler, check: Callable[[], None] | None = None) -> Route:
            return Route(path, self._with_body(answer, check), methods=["POST"])

        return [
            post("/v1/classify", self.classify),
            post("/v1/read", self.read, self.workers.check_room),
            Route("/v1/stages", self.known_stages, methods=["GET"]),
            post("/v1/stages", self.stages),
            post("/v1/train", self.train),
            Route("/healthz", self.healthz),
            Route("/readyz", self.readyz),
            Route("/metrics", self.numbers),
            Route("/openapi.json", self.openapi),
            Route("/", self.file),
        ]

    def _with_body(
        self, answer: Handler, check: Callable[[], None] | None
    ) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that receives the body first, unless `check` refuses even that."""

        async def endpoint(request: Request) -> Response:
            if check is not None:
                check()
            body = await self.bodies.take(request)
            try:
                return await answer(request, body)
            finally:
                self.bodies.give_back(body)

        return endpoint

    async def classify(self, request: Request, body: bytes) -> Response:
        """Small requests are batched here; what would hold others up goes to a worker."""
        kind = kind_of(request)
        if kind == JSON and len(body) <= LARGEST_JSON:
            images = digits.from_json(body)
        elif kind == BYTES and len(body) <= LARGEST * digits.PIXELS:
            images = digits.from_bytes(body)
        elif kind in (JSON, BYTES):
            return _json(await self.workers.ask("classify", body, kind == JSON))
        else:
            raise HTTPException(415, f"expected a body of type {JSON} or {BYTES}")
        if len(images) > LARGEST:
            return _json(await self.workers.ask("classify", body, kind == JSON))
        return JSONResponse(responses.classify_document(*await self.batcher.ask(images)))

    async def read(self, request: Request, body: bytes) -> Response:
        told = request.query_params.get("images") in ("1", "true")
        kind = kind_of(request)
        if kind == FORM:
            return _json(await self.workers.ask("read", await files_of(request, body), told))
        check_image(body, kind)
        return _json(await self.workers.ask("read_one", body, told))

    async def stages(self, request: Request, body: bytes) -> Response:
        kind = kind_of(request)
        if kind == JSON:
            return self._stages(digits.only(digits.from_json(_small(body))).tobytes())
        if kind == BYTES and len(body) == digits.PIXELS:
            return self._stages(body)
        check_image(body, kind)
        return _json(await self.workers.ask("stages", body))

    async def known_stages(self, request: Request) -> Response:
        """Without a body: the image in the address, or the known digit."""
        text = request.query_params.get("image")
        image = digits.KNOWN if text is None else digits.from_query(text)
        return self._stages(image.tobytes())

    def _stages(self, image: bytes) -> Response:
        (array,) = digits.from_bytes(image)
        return JSONResponse(responses.stages_document(self.network, array))

    async def train(self, request: Request, body: bytes) -> Response:
        if kind_of(request) != JSON:
            raise HTTPException(415, f"expected a body of type {JSON}")
        wanted = TrainRequest.from_json(_small(body), self.config.data_dir)
        return TrainStream(wanted, lambda: self.stopping)

    async def healthz(self, request: Request) -> Response:
        """Live: the event loop turns."""
        return JSONResponse({"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """Ready: a worker lives, the known digit reads right, and the service is not stopping."""
        trouble = self.trouble()
        if trouble:
            raise NotReadyError(trouble)
        return JSONResponse({"status": "ready", "workers": self.workers.ready})

    def trouble(self) -> str:
        """Why the service is not ready; empty if it is."""
        if self.stopping:
            return "the service is stopping"
        if not self.workers.ready:
            return self.workers.trouble
        value = int(responses.classify(self.network, digits.KNOWN[None]).values[0])
        if value != digits.KNOWN_VALUE:
            return f"the known digit {digits.KNOWN_VALUE} was read as {value}"
        return ""

    async def numbers(self, request: Request) -> Response:
        return Response(self.metrics.text(), media_type=self.metrics.content_type)

    async def openapi(self, request: Request) -> Response:
        return JSONResponse(describe())

    async def file(self, request: Request) -> Response:
        """A file of the page."""
        name = request.url.path.lstrip("/") or "index.html"
        return Response(self.page[name], media_type=mimetypes.guess_type(name)[0])

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self.log.start()
        self.workers.start()
        self.log.event("start", workers=self.config.workers)
        try:
            yield
        finally:
            self.workers.stop()
            self.log.event("stop")
            self.log.stop()

    def _watch(self, method: str, path: str, status: int, seconds: float) -> None:
        route = path if path in self.metrics.routes else "other"
        self.metrics.request(route, status, seconds)
        self.log.request(method, route, status, seconds)

    def _worker_trouble(self, words: str) -> None:
        self.metrics.trouble()
        self.log.trouble("worker", message=words)

    def _gauges(self) -> None:
        for name, meaning, value in (
            ("lenet_queued", "Requests that no worker has begun", lambda: self.workers.waiting),
            ("lenet_workers_ready", "Workers that live", lambda: self.workers.ready),
            ("lenet_body_bytes", "Bytes of bodies held", lambda: self.bodies.held),
            ("lenet_log_dropped", "Lines of the log that nobody read", lambda: self.log.dropped),
            ("lenet_ready", "1 if /readyz says so", lambda: float(not self.trouble())),
        ):
            self.metrics.gauge(name, meaning, value)


def _small(body: bytes) -> bytes:
    """JSON that is parsed here, where everybody would wait for a large one."""
    if len(body) > LARGEST_JSON:
        words = f"expected at most {LARGEST_JSON:,} bytes of JSON here, got {len(body):,}"
        raise HTTPException(413, words)
    return body


def _json(document: bytes) -> Response:
    """A document that a worker has written."""
    return Response(document, media_type="application/json")
