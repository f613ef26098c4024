"""`lenet info`: the network layer by layer."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from lenet.cli.common import AsJson, print_json
from lenet.network.architecture import ARCHITECTURES, Architecture

if TYPE_CHECKING:
    from lenet.network.summary import Layer


def info(
    network: Annotated[
        str,
        typer.Option(
            help=f"An architecture ({', '.join(ARCHITECTURES)}), shipped weights, or a path."
        ),
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
    if as_json:
        document = {
            "network": network,
            "architecture": architecture.to_dict(),
            "engine": in_use(),
        }
        print_json(document | {"layers": [asdict(layer) for layer in layers]} | totals)
    else:
        print(_table(network, architecture, layers, totals))
        print(f"engine: {in_use()}")


def _architecture(network: str) -> Architecture:
    if network in ARCHITECTURES:
        return ARCHITECTURES[network]
    from lenet.network.weights import load_weights

    return load_weights(network).architecture


def _table(
    network: str, architecture: Architecture, layers: list[Layer], totals: dict[str, int]
) -> str:
    options = " · ".join(f"{name} {value}" for name, value in architecture.to_dict().items())
    columns = "{:<8}{:>12}{:>8}{:>7}{:>13}{:>14}{:>15}".format
    lines = [
        f"network {network}: {options}",
        "",
        columns("layer", "maps", "sees", "every", "parameters", "connections", "multiply-adds"),
    ]
    for layer in layers:
        maps, height, width = layer.shape
        counts = (layer.parameters, layer.connections, layer.multiply_adds)
        field = f"{layer.receptive_field}×{layer.receptive_field}"
        lines.append(
            columns(
                layer.name,
                f"{maps}@{height}×{width}",
                field,
                layer.step,
                *(f"{count:,}" for count in counts),
            )
        )
    lines.append(columns("total", "", "", "", *(f"{total:,}" for total in totals.values())))
    lines += ["", "sees, every: pixels of the 32×32 input per unit, and between neighbouring units"]
    return "\n".join(lines)
