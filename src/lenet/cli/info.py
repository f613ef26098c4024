"""`lenet info`: the network layer by layer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

from typer import Option

from lenet.cli.common import AsJson, print_result
from lenet.network.architecture import ARCHITECTURES, Architecture

if TYPE_CHECKING:
    from lenet.network.summary import Layer


def info(
    network: Annotated[
        str,
        Option(help=f"An architecture ({', '.join(ARCHITECTURES)}), shipped weights, or a path."),
    ] = "1998",
    as_json: AsJson = False,
) -> None:
    """Show the network layer by layer.

    Maps, sizes, receptive fields, parameters, connections and multiply-adds.
    """
    from lenet.engine.select import in_use
    from lenet.network.summary import summarise

    architecture = _architecture(network)
    layers = summarise(architecture)
    totals = {
        name: sum(getattr(layer, name) for layer in layers)
        for name in ("parameters", "connections", "multiply_adds")
    }
    document = {"network": network, "architecture": architecture.to_dict(), "engine": in_use()}
    document |= {"layers": [asdict(layer) for layer in layers]} | totals
    options = " · ".join(f"{name} {value}" for name, value in architecture.to_dict().items())
    print_result(
        document,
        f"network {network}: {options}\n",
        *_table(layers),
        "\nsees, every: pixels of the 32×32 input per unit, and between neighbouring units",
        f"engine: {in_use()}",
        as_json=as_json,
    )


def _architecture(network: str) -> Architecture:
    if network in ARCHITECTURES:
        return ARCHITECTURES[network]
    from lenet.network.weights import load_weights

    return load_weights(network).architecture


def _table(layers: list[Layer]) -> Iterator[str]:
    """The layers, one a row, and their sums."""
    from lenet.network.summary import HEADINGS, table

    for row in (HEADINGS, *table(layers)):
        yield "{:<8}{:>12}{:>8}{:>7}{:>13}{:>14}{:>15}".format(*row)
