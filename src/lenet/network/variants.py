"""Connection graphs of LeNet-5's predecessors and variants, and fully connected networks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.network.architecture import TABLE_I
from lenet.network.connection_graph import ConnectionGraph
from lenet.network.rbf_codes import digit_codes

Table = NDArray[np.bool_]  # (maps, maps below): which maps each map reads

# H3 of LeNet-1 reads the first two maps of H2 in this pattern, and the last two in the same again.
LENET1_SOURCES = ((0,), (0, 1), (0, 1), (1,), (0, 1), (0, 1))
# Of LeNet-4's C3 nothing is published; 48 pairs give its 260,000 connections, three maps each.
LENET4_SOURCES = (
    *((k, (k + 1) % 8, (k + 2) % 8) for k in range(8)),
    *((k, (k + 1) % 8, (k + 4) % 8) for k in range(8)),
)


def table_of(sources: Iterable[Sequence[int]], below: int) -> Table:
    """A table from the maps below that each map reads."""
    return np.array([[source in read for source in range(below)] for read in sources], np.bool_)


def fully_connected(*sizes: int) -> ConnectionGraph:
    """A multilayer perceptron, such as 784, 300, 10; every unit squashed, targets ±1."""
    graph = ConnectionGraph(sizes[0])
    units = np.arange(sizes[0])
    for number, size in enumerate(sizes[1:], 1):
        units = graph.full(f"layer{number}", units, size)
    return graph


def lenet1() -> ConnectionGraph:
    """LeNet-1 (LeCun et al. 1990) on 28×28 inputs: 2,578 parameters."""
    shifted = (tuple(s + more for s in sources) for more in (0, 2) for sources in LENET1_SOURCES)
    graph = ConnectionGraph(28 * 28)
    h1 = graph.convolution("h1", graph.input_maps(28, 28), np.ones((4, 1), np.bool_))
    h2 = graph.subsampling("h2", h1)
    h3 = graph.convolution("h3", h2, table_of(shifted, 4))
    h4 = graph.subsampling("h4", h3)
    graph.full("output", h4, 10)
    return graph


def lenet4() -> ConnectionGraph:
    """The nearest to LeNet-4 that its architecture allows, on 32×32 planes.

    Maps, units and about 260,000 connections are the published ones (section III-C.8); its 17,000
    parameters are not, for 120 units fed by 16 maps of 5×5 have 48,120 alone.
    """
    graph = ConnectionGraph(32 * 32)
    c1 = graph.convolution("c1", graph.input_maps(32, 32), np.ones((4, 1), np.bool_))
    s2 = graph.subsampling("s2", c1, copies=2)
    c3 = graph.convolution("c3", s2, table_of(LENET4_SOURCES, 8))
    s4 = graph.subsampling("s4", c3)
    graph.full("output", graph.full("f5", s4, 120), 10)
    return graph


def lenet5(
    table: Sequence[Sequence[int]] = TABLE_I, *, shared: bool = True, subsampled: bool = True
) -> ConnectionGraph:
    """LeNet-5 on 32×32 planes, or one idea taken out of it.

    table : the S2 maps that each C3 map reads
    shared : whether a map has one kernel, or every place of C1 and C3 a kernel of its own
    subsampled : whether S2 and S4 are there, or C1 and C3 move by two units instead
    """
    graph, step = ConnectionGraph(32 * 32, codes=digit_codes()), 1 if subsampled else 2
    maps = graph.input_maps(32, 32)
    for number, sources in (1, np.ones((6, 1), np.bool_)), (3, table_of(table, 6)):
        maps = graph.convolution(f"c{number}", maps, sources, stride=step, shared=shared)
        if subsampled:
            maps = graph.subsampling(f"s{number + 1}", maps)
    graph.full("f6", graph.full("c5", maps, 120), 84)
    return graph
