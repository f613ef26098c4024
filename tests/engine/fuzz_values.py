"""What fuzz_binding.py throws: arrays that are not what they should be, and no arrays at all."""

from __future__ import annotations

import array
import random

import numpy as np

INTEGERS = ("u1", "i1", "i2", "i4", "i8", "u8")
# No dates: numpy 2.4.6 dies of np.full(900, b"?").astype("M8[s]"), and nanobind 3.1.0 of a single
# np.datetime64, whose buffer names no strides.
TYPES = (*INTEGERS, "f2", "f4", "f8", "g", "c8", "?", "S3", "U2", "O")
WHOLES = (0, -1, 7, 1024, 1025, 2**31 - 1, 2**31, -(2**31), 2**63, -(2**63) - 1, 10**30)
ODD_WHOLES = (True, None, "1", 1.0, 1.5, np.int32(1), np.int64(-1), np.float32(1), [1])
LONG = 10**6
NAMES = ("avx512", "avx2", "baseline", "mmx", "\0", "a" * 10_000, "é", "\ud800", b"avx2", None, 3)
FLOATS = (np.nan, np.inf, -np.inf, 1e-45, 3e38, -3e38, -0.0)


class Violation(Exception):  # noqa: N818
    """The engine did what it must never do."""


class Lying:
    """Says it is an array and is none."""

    shape, dtype, ndim = (5, 28, 28), np.dtype("u1"), 3

    def __dlpack__(self, **_):
        return object()

    def __dlpack_device__(self):
        return (1, 0)


THINGS = (
    (), {}, object(), int, Lying(), Lying, b"\0" * 784, array.array("f", [0.0] * 256),
    np.array(5), np.zeros(0), np.zeros((1, 28, 28), "u1"),
)  # fmt: skip


def whole(chance: random.Random, most: int):
    """Mostly one of 0 … most, sometimes what no one asks for."""
    draw = chance.random()
    if draw < 0.8:
        return chance.randrange(most + 1)
    return chance.choice(WHOLES if draw < 0.93 else ODD_WHOLES)


def kernels_name(chance: random.Random):
    return "" if chance.random() < 0.5 else chance.choice(NAMES)


def garbage(chance: random.Random):
    return chance.choice((*WHOLES, *ODD_WHOLES, *FLOATS, *NAMES, *THINGS))


def mutated(chance: random.Random, plain: np.ndarray):
    """The array as it is, or after one or two changes; now and then no array at all."""
    given = plain
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        if not isinstance(given, np.ndarray) or max(given.shape, default=0) > LONG:
            break  # numpy itself would take hours, or all memory, to change a giant
        given = chance.choice(CHANGES)(chance, given)
    return given


def _other_type(chance, given):
    with np.errstate(all="ignore"):
        return given.astype(chance.choice(TYPES))


def _swapped(_, given):
    return given.astype(given.dtype.newbyteorder())


def _read_only(_, given):
    given = given.copy()
    given.flags.writeable = False
    return given


def _unaligned(chance, given):
    odd = chance.randrange(1, 8)
    memory = bytearray(odd + given.nbytes)
    memory[odd:] = given.tobytes()
    return np.frombuffer(memory, given.dtype, offset=odd).reshape(given.shape)


def _backwards(chance, given):
    axis = chance.randrange(given.ndim)
    return np.flip(given, axis)


def _spread(_, given):
    return np.repeat(given, 2, axis=-1)[..., ::2]


def _other_order(chance, given):
    return chance.choice((np.asfortranarray(given), given.T))


def _broadcast(chance, given):
    count = chance.choice((0, 1, 3, 2**31, 2**40))
    return np.broadcast_to(given[:1], (count, *given.shape[1:]))


def _cut(chance, given):
    axis = chance.randrange(given.ndim)
    size = chance.choice((0, 1, given.shape[axis] - 1))
    return np.take(given, np.arange(max(size, 0)), axis)


def _other_shape(chance, given):
    shapes = (given[None], given[..., None], given.ravel(), given[0], given.reshape(-1, 1))
    return chance.choice(shapes)


def _nothing_in_a_giant(chance, given):
    sides = chance.choice(
        ((2**20, 2**20), (2**56, 32), (2**55, 44), (32, 2**40), (28, 28), (2**30, 36))
    )
    return np.empty((0, *sides[: max(given.ndim - 1, 0)]), given.dtype)


def _longer(chance, given):
    return np.concatenate([given] * chance.randrange(2, 9))


def _odd_values(chance, given):
    given = given.copy()
    kind = given.dtype.kind
    if kind == "f":
        odd = chance.choice(FLOATS)
    elif kind in "iu":
        limits = np.iinfo(given.dtype)
        odd = chance.choice((limits.min, limits.max, limits.max // 2, 5, limits.min + 1))
    else:
        return given
    if chance.random() < 0.3:
        given[...] = odd
    elif given.size:
        given.flat[chance.randrange(given.size)] = odd
    return given


def _not_numpy(chance, given):
    if given.dtype.kind not in "iuf":
        return given.tolist()
    ways = (memoryview, bytes, np.ma.array, lambda a: a.tolist()[:1], lambda _: Lying())
    return chance.choice(ways)(given)


def _garbage(chance, _):
    return garbage(chance)


CHANGES = (
    _other_type, _swapped, _read_only, _unaligned, _backwards, _spread, _other_order, _broadcast,
    _cut, _other_shape, _nothing_in_a_giant, _longer, _odd_values, _odd_values, _not_numpy,
    _garbage,
)  # fmt: skip


def plain_copy(given):
    """The same numbers in C order, native bytes, aligned: what every layout has to agree with."""
    if isinstance(given, (np.ndarray, memoryview, array.array, bytes)):
        given = np.asarray(given)
        return np.array(given, given.dtype.newbyteorder("="), order="C", subok=False)
    return given


def same(found, ask) -> None:
    """Violation unless ask(), the same call with plain arrays, gives what was found."""
    wanted = ask()
    pairs = [(found, wanted)] if isinstance(found, np.ndarray) else zip(found, wanted, strict=True)
    for one, other in pairs:
        if not np.array_equal(one, other, equal_nan=True):
            raise Violation(f"the layout of an array changed the answer: {one} is not {other}")
