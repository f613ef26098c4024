"""Who may come in, and what every answer carries; each request is timed, counted and logged."""

from __future__ import annotations

import functools
import hmac
import ipaddress
import time
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.serve.config import ServiceConfig
from lenet.serve.errors import CODES, error_document

# The page asks nobody but this server, and nobody may frame it.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
WITH_TOKEN = ("/v1/", "/metrics")  # what a token is asked for, where one is set
READING = ("GET", "HEAD")  # methods that change nothing and cost little
Watch = Callable[[str, str, int, float], None]  # method, path, status, seconds


class Middleware:
    """Lets in what comes from where it may, with the token where one is set.

    watch : told of every answer
    """

    def __init__(self, app: ASGIApp, config: ServiceConfig, watch: Watch) -> None:
        self.app, self.watch = app, watch
        self._names = frozenset({"localhost", *(name.lower() for name in config.hosts)})
        self._token = None if config.token is None else f"bearer {config.token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        try:
            await (refusal or self.app)(scope, receive, with_headers)
        finally:
            self.watch(scope["method"], scope["path"], status, time.perf_counter() - started)

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        """Why this request is not let in, if it is not."""
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if host and not self._is_known(host):
            return _refused(421, "this service has no such name; add it with --allow-host")
        origin = headers.get(b"origin")
        if origin is not None and scope["method"] not in READING:
            own = origin.decode("latin-1").lower().partition("://")[2]
            if not host or own != host:
                return _refused(403, "requests from other sites' pages are not answered")
        if self._token is not None and scope["path"].startswith(WITH_TOKEN):
            kind, _, token = headers.get(b"authorization", b"").partition(b" ")
            given = kind.lower() + b" " + token.strip()
            if not hmac.compare_digest(given, self._token):
                words = "send the header Authorization: Bearer and the service's token"
                return _refused(401, words, {"www-authenticate": "Bearer"})
        return None

    def _is_known(self, host: str) -> bool:
        """Whether a Host header names this service. A plain address does: no name points there."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        return name in self._names or _is_address(name.strip("[]"))


@functools.lru_cache(64)
def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _refused(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(error_document(CODES[status], message), status, headers)
