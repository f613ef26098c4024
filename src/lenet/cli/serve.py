"""`lenet serve`: the web page and the HTTP API."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Annotated

from typer import Option

from lenet.cli.common import DataDir, Quiet, log
from lenet.errors import UsageError, needs

MIN_TOKEN = 16  # characters; fewer can be guessed


def serve(
    host: Annotated[
        str, Option(help="Address to listen on; 0.0.0.0 admits other machines, with a token.")
    ] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535, help="Port; 0 picks a free one.")] = 8000,
    weights: Annotated[
        str | None,
        Option(
            help="1998, modern, a weights file, or a run folder.",
            show_default="1998; images are read as `lenet read` does",
        ),
    ] = None,
    data_dir: DataDir = None,
    workers: Annotated[
        int | None, Option(min=1, max=64, help="Reader processes.", show_default="one per core")
    ] = None,
    max_pixels: Annotated[
        int, Option(min=1_000, max=50_000_000, help="Pixels of the largest image that is read.")
    ] = 16_000_000,
    queue_size: Annotated[
        int, Option(min=1, max=10_000, help="Requests that may wait; more get 503.")
    ] = 64,
    timeout: Annotated[
        float, Option(min=0.1, max=600, help="Seconds per request, including the queue.")
    ] = 10.0,
    token_file: Annotated[
        Path | None,
        Option(help="File with the bearer token for /v1 and /metrics; or set LENET_TOKEN."),
    ] = None,
    allow_unauthenticated: Annotated[
        bool, Option("--allow-unauthenticated", help="Admit other machines without a token.")
    ] = False,
    allow_host: Annotated[
        list[str] | None, Option(help="Host name to accept, besides localhost and IP addresses.")
    ] = None,
    drain: Annotated[
        float, Option(min=0, max=600, help="Seconds to accept requests after SIGTERM.")
    ] = 0.0,
    shutdown_timeout: Annotated[
        float, Option(min=1, max=600, help="Seconds after that to finish them.")
    ] = 20.0,
    log_requests: Annotated[
        bool, Option("--log-requests", help="Log every request, not only errors.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Serve the web page and the HTTP API."""
    token = _token(token_file)
    with needs("serve", "lenet serve"):
        from lenet.serve.app import Service
        from lenet.serve.config import ServiceConfig
        from lenet.serve.server import run
    from lenet.engine.select import cores

    config = ServiceConfig(
        weights=weights,
        data_dir=data_dir,
        workers=workers or min(cores(), 64),
        max_pixels=max_pixels,
        queue_size=queue_size,
        timeout=timeout,
        token=token,
        hosts=(*(allow_host or ()), host),
        drain=drain,
        shutdown_timeout=shutdown_timeout,
        log_requests=log_requests,
    )
    service = Service(config)
    with _listening(host, port) as listening:
        address, given = listening.getsockname()[:2]
        if not (token or allow_unauthenticated or ipaddress.ip_address(address).is_loopback):
            raise UsageError(
                f"{host} admits other machines, which would need no token; require one with "
                "--token-file or LENET_TOKEN, or add --allow-unauthenticated"
            )
        shown = f"[{host}]" if ":" in host else host
        log(f"serving on http://{shown}:{given}/; stop with Ctrl-C", quiet=quiet)
        run(service, listening)


def _token(file: Path | None) -> str | None:
    """The required token, from a file or the environment."""
    if file is None:
        name, given = "LENET_TOKEN", os.environ.get("LENET_TOKEN")
    else:
        try:
            name, given = str(file), file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as problem:
            raise UsageError(f"{file}: cannot be read as a token ({problem})") from problem
    if given is None:
        return None
    if len(given) < MIN_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
        raise UsageError(
            f"{name}: the token must be at least {MIN_TOKEN} printable ASCII characters without "
            "spaces, as `openssl rand -hex 16` prints them"
        )
    return given


def _listening(host: str, port: int) -> socket.socket:
    """A listening socket, opened before its address is printed."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as problem:
        listening.close()
        raise UsageError(
            f"cannot listen on {host} port {port} ({problem.strerror}); choose another --port"
        ) from problem
    return listening
