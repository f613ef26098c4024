"""LeNet-5 written again, the slow and obvious way: one loop per unit, straight from section II-B.

Independent of the package on purpose: its own table, constants and pooling. The oracle of tests.
"""

from __future__ import annotations

import numpy as np

TABLE = [  # Table I, column by column: which S2 maps feed C3 map 0, 1, …
    "012", "123", "234", "345", "450", "501", "0123", "1234",
    "2345", "3450", "4501", "5012", "0134", "1245", "0235", "012345",
]  # fmt: skip

SQUASH = {
    "scaled tanh": lambda a: 1.7159 * np.tanh(2 * a / 3),
    "tanh": np.tanh,
    "relu": lambda a: a * (a > 0),
    "silu": lambda a: a / (1 + np.exp(-a)),
}


def convolve(maps, kernels, bias, connected):
    """One sum for each unit: 25 products for each connected map, and the bias."""
    _, height, width = maps.shape
    given = np.zeros((len(kernels), height - 4, width - 4), maps.dtype)
    for k in range(len(kernels)):
        for row in range(height - 4):
            for column in range(width - 4):
                window = maps[connected(k), row : row + 5, column : column + 5]
                given[k, row, column] = (window * kernels[k, connected(k)]).sum() + bias[k]
    return given


def subsample(maps, tensors, layer, kind):
    given = np.zeros((len(maps), maps.shape[1] // 2, maps.shape[2] // 2), maps.dtype)
    for m, row, column in np.ndindex(given.shape):
        four = [maps[m, 2 * row + r, 2 * column + c] for r in (0, 1) for c in (0, 1)]
        if kind == "trainable":
            coefficient, bias = tensors[f"{layer}.coefficient"][m], tensors[f"{layer}.bias"][m]
            given[m, row, column] = coefficient * sum(four) + bias
        else:
            given[m, row, column] = sum(four) / 4 if kind == "average" else max(four)
    return given


def slow_stages(plane, tensors, options):
    """The seven stages for one plane of shape (1, H, W); options as in a Architecture's to_dict."""
    f = SQUASH[options["squash"]]
    kind = options["subsampling"]
    after_sampling = f if kind == "trainable" else lambda a: a
    table = TABLE if options["c3"] == "table" else ["012345"] * 16
    c1 = f(convolve(plane, tensors["c1.weight"], tensors["c1.bias"], lambda k: [0]))
    s2 = after_sampling(subsample(c1, tensors, "s2", kind))
    wired = lambda k: [int(m) for m in table[k]]  # noqa: E731
    c3 = f(convolve(s2, tensors["c3.weight"], tensors["c3.bias"], wired))
    s4 = after_sampling(subsample(c3, tensors, "s4", kind))
    c5 = f(convolve(s4, tensors["c5.weight"], tensors["c5.bias"], lambda k: list(range(16))))
    f6 = np.zeros((84, *c5.shape[1:]), c5.dtype)
    output = np.zeros((10, *c5.shape[1:]), c5.dtype)
    for row, column in np.ndindex(c5.shape[1:]):
        f6[:, row, column] = f(tensors["f6.weight"] @ c5[:, row, column] + tensors["f6.bias"])
        for digit in range(10):
            if options["head"] == "rbf":
                difference = f6[:, row, column] - tensors["output.codes"][digit]
                output[digit, row, column] = (difference**2).sum()
            else:
                score = tensors["output.weight"][digit] @ f6[:, row, column]
                output[digit, row, column] = -(score + tensors["output.bias"][digit])
    return [c1, s2, c3, s4, c5, f6, output]
