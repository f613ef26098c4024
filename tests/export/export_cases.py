"""Networks of every kind, and a C compiler, for the tests of what is exported."""

from __future__ import annotations

import os
import shutil
import subprocess

import numpy as np

from lenet.network.architecture import Architecture
from lenet.network.weights import Weights, initial_tensors, load_weights

KINDS = {
    "trainable silu": Architecture(squash="silu", head="linear"),
    "average relu": Architecture(subsampling="average", squash="relu", head="linear"),
    "max tanh codes": Architecture(subsampling="max", c3="full", squash="tanh"),
}
NETWORKS = ("1998", "modern", *KINDS)

# Penalties of all images on standard input, one after the other, to standard output.
PROGRAM = """\
#include "{header}"
#include "{header}"
#include <stdio.h>
int main(void) {{
    static uint8_t image[784];
    lenet_memory memory;
    while (fread(image, 1, 784, stdin) == 784) {{
        float penalties[11], again[10];
        const int digit = lenet_classify(image, penalties);
        if (lenet_classify_in(&memory, image, again) != digit) return 1;
        penalties[10] = (float)digit;
        if (fwrite(penalties, 4, 11, stdout) != 11) return 2;
    }}
    return 0;
}}
"""
STRICT = ("-O2", "-Wall", "-Wextra", "-Werror", "-pedantic")


def weights_of(name: str) -> Weights:
    """Shipped weights, or fresh ones of a kind, with biases that are not 0."""
    if name not in KINDS:
        return load_weights(name)
    rng = np.random.default_rng(7)
    tensors = initial_tensors(KINDS[name], "lush", rng)
    for tensor in tensors:
        if tensor.endswith("bias"):
            tensors[tensor] = rng.uniform(-0.2, 0.2, tensors[tensor].shape).astype(np.float32)
    return Weights(tensors, {"network": KINDS[name].to_dict()})


def compiler(language: str) -> str | None:
    """The machine's compiler of "c" or "c++"."""
    wanted = os.environ.get("CC" if language == "c" else "CXX")
    return shutil.which(wanted or {"c": "cc", "c++": "c++"}[language])


def answers_in_c(header, images, *flags, language="c", standard="c99"):
    """(penalties, digits) that the compiled header gives to uint8 images (n, 28, 28)."""
    source = header.with_suffix(".c")
    source.write_text(PROGRAM.format(header=header.name))
    command = [compiler(language), "-x", language, f"-std={standard}", *STRICT, *flags]
    program = header.with_suffix("")
    subprocess.run([*command, source, "-o", program], check=True)
    done = subprocess.run([program], input=images.tobytes(), check=True, capture_output=True)
    rows = np.frombuffer(done.stdout, np.float32).reshape(len(images), 11)
    return rows[:, :10], rows[:, 10].astype(int)
