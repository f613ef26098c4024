"""`lenet serve`: the page and the HTTP interface."""

from __future__ import annotations

from typing import Annotated

import typer

from lenet.cli.common import DataDir, Quiet, WeightsName, say
from lenet.errors import MissingExtraError, UsageError


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    weights: WeightsName = "1998",
    data_dir: DataDir = None,
    quiet: Quiet = False,
) -> None:
    """Serve the page, on which one draws digits and sees every layer, and the HTTP interface."""
    try:
        import uvicorn

        from lenet.serve.app import make_app
    except ModuleNotFoundError as missing:
        raise MissingExtraError("lenet serve", str(missing.name), "serve") from missing
    import socket

    from lenet.network.weights import load_weights

    app = make_app(load_weights(weights), data_dir)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen()  # so that whoever reads the address below is let in
        except OSError as problem:
            raise UsageError(
                f"cannot listen on {host} port {port} ({problem.strerror}); choose another --port"
            ) from problem
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listening.getsockname()[1]}/"
        say(f"serving on {address}; Ctrl-C stops it", quiet=quiet)
        config = uvicorn.Config(app, log_level="warning", server_header=False)
        uvicorn.Server(config).run(sockets=[listening])
