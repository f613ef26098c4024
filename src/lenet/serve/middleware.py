"""Access checks and security headers; each request is timed, counted and logged."""

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

# The page connects to this server only, and cannot be framed.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = [
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
NO_STORE = (b"cache-control", b"no-store")  # where a handler says nothing else
PROTECTED = ("/v1/", "/metrics")  # paths that require the token, if one is set
SAFE = ("GET", "HEAD")  # methods allowed from other origins
Observe = Callable[[str, str, int, float], None]  # method, path, status, seconds


class Middleware:
    """Checks the host, the origin and the token, and adds the security headers.

    observe : called after every response
    """

    def __init__(self, app: ASGIApp, config: ServiceConfig, observe: Observe) -> None:
        self.app, self.observe = app, observe
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
                own = [*message.get("headers", ())]
                cached = any(name == NO_STORE[0] for name, _ in own)
                message["headers"] = [*own, *HEADERS] + [NO_STORE] * (not cached)
            await send(message)

        refusal = self._check(scope)
        try:
            await (refusal or self.app)(scope, receive, with_headers)
        finally:
            self.observe(scope["method"], scope["path"], status, time.perf_counter() - started)

    def _check(self, scope: Scope) -> JSONResponse | None:
        """The error response to a request that is not allowed."""
        headers = dict(scope["headers"])
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if len(hosts) > 1 or (not hosts and scope["http_version"] != "1.0"):
            words = f"expected one Host header, got {len(hosts)}"
            return _refused(400, words, {"connection": "close"})
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if host and not self._is_known(host):
            return _refused(421, "unknown host name; allow it with --allow-host")
        origin = headers.get(b"origin")
        if origin is not None and scope["method"] not in SAFE:
            own = origin.decode("latin-1").lower().partition("://")[2]
            if not host or own != host:
                return _refused(403, "requests from pages of other sites are not allowed")
        if self._token is not None and scope["path"].startswith(PROTECTED):
            kind, _, token = headers.get(b"authorization", b"").partition(b" ")
            given = kind.lower() + b" " + token.strip()
            if not hmac.compare_digest(given, self._token):
                words = "expected the header Authorization: Bearer with the service's token"
                return _refused(401, words, {"www-authenticate": "Bearer"})
        return None

    def _is_known(self, host: str) -> bool:
        """Whether a Host header names this service; IP addresses do, as no DNS name is involved."""
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
