"""`lenet info`: the network layer by layer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from lenet.cli.common import AsJson, print_json
from lenet.network.census import Layer, census
from lenet.network.description import DESCRIPTIONS, Description


def info(
    network: Annotated[
        str,
        typer.Option(
            help=f"A description ({', '.join(DESCRIPTIONS)}), shipped weights, or a path."
        ),
    ] = "1998",
    as_json: AsJson = False,
) -> None:
    """Show the network layer by layer: maps, sizes, receptive fields, weights, connections."""
    from lenet.engine.choice import in_use  # here, for it loads the kernels

    description = _description(network)
    layers = census(description)
    totals = {
        name: sum(getattr(layer, name) for layer in layers)
        for name in ("parameters", "connections", "multiply_adds")
    }
    if as_json:
        document = {
            "network": network,
            "description": description.to_dict(),
            "engine": in_use(),
        }
        print_json(document | {"layers": [asdict(layer) for layer in layers]} | totals)
    else:
        print(_table(network, description, layers, totals))
        print(f"engine: {in_use()}")


def _description(network: str) -> Description:
    if network in DESCRIPTIONS:
        return DESCRIPTIONS[network]
    from lenet.network.weights import load_weights

    return load_weights(network).description


def _table(
    network: str, description: Description, layers: list[Layer], totals: dict[str, int]
) -> str:
    options = " · ".join(f"{name} {value}" for name, value in description.to_dict().items())
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
