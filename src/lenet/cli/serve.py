"""`lenet serve`: the page and the HTTP interface."""

from __future__ import annotations

import ipaddress
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lenet.cli.common import DataDir, Quiet, say
from lenet.errors import UsageError, needs

if TYPE_CHECKING:
    from lenet.serve.settings import Settings

LEAST_TOKEN = 16  # characters; fewer can be guessed


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    weights: Annotated[
        str | None,
        typer.Option(
            help="A shipped name, a weights file, or a run folder.",
            show_default="1998; images are read as `lenet read` does",
        ),
    ] = None,
    data_dir: DataDir = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=64, help="Processes that read images.", show_default="the cores"),
    ] = None,
    waiting: Annotated[
        int, typer.Option(min=1, max=10_000, help="Requests that may wait; then 503 at once.")
    ] = 64,
    deadline: Annotated[
        float, typer.Option(min=0.1, max=600, help="Seconds to an answer, waiting included.")
    ] = 10.0,
    token_file: Annotated[
        Path | None,
        typer.Option(help="Holds the token that /v1 and /metrics ask for; or LENET_TOKEN."),
    ] = None,
    token: Annotated[str | None, typer.Option(envvar="LENET_TOKEN", hidden=True)] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(help="A name it is reached by, beside localhost and plain addresses."),
    ] = None,
    drain: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds not ready but open, after SIGTERM.")
    ] = 0.0,
    stop_within: Annotated[
        float, typer.Option(min=1, max=600, help="Seconds to answer what was accepted, then.")
    ] = 20.0,
    log_requests: Annotated[
        bool, typer.Option("--log-requests", help="Log every request, not only troubles.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Serve the page, on which one draws digits and sees every layer, and the HTTP interface."""
    secret = _token(token_file, token)
    with needs("serve", "lenet serve"):
        from lenet.serve.app import Service
        from lenet.serve.server import run
        from lenet.serve.settings import Settings
    from lenet.engine.select import cores

    settings = Settings(
        weights=weights,
        data_dir=data_dir,
        workers=workers or min(cores(), 64),
        waiting=waiting,
        deadline=deadline,
        token=secret,
        hosts=(*(allow_host or ()), host),
        drain=drain,
        stop_within=stop_within,
        log_requests=log_requests,
    )
    service = Service(settings)
    with _listening(host, port) as listening:
        say(_greeting(host, listening, settings), quiet=quiet)
        run(service, listening)


def _token(file: Path | None, given: str | None) -> str | None:
    """The token asked for, from a file or the environment."""
    if file is not None:
        try:
            given = file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as problem:
            raise UsageError(f"{file}: cannot be read as a token ({problem})") from problem
    if given is None:
        return None
    if len(given) < LEAST_TOKEN or not given.isascii() or not given.isprintable() or " " in given:
        raise UsageError(
            f"the token must be at least {LEAST_TOKEN} plain characters without blanks, "
            "as `openssl rand -hex 16` prints them"
        )
    return given


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens, so that whoever reads the address is let in."""
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


def _greeting(host: str, listening: socket.socket, settings: Settings) -> str:
    """What is said when it listens; who lets others in without a token is told."""
    shown = f"[{host}]" if ":" in host else host
    words = f"serving on http://{shown}:{listening.getsockname()[1]}/; Ctrl-C stops it"
    address = listening.getsockname()[0]
    if settings.token is None and not ipaddress.ip_address(address).is_loopback:
        words += "\nother machines can ask it, without a token; --token-file asks for one"
    return words
