// Arrays between Python and the kernels: C order and exact types in, 64-byte aligned out. Nothing
// is converted here. lenet.engine.native_engine is the face that does.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "dispatch.hpp"
#include "expect.hpp"
#include "inference.hpp"

namespace nb = nanobind;
using nb::literals::operator""_a;

template <class T, class Shape>
using Given = nb::ndarray<const T, Shape, nb::c_contig, nb::device::cpu>;
using Images = Given<unsigned char, nb::shape<-1, 28, 28>>;
using Planes = Given<float, nb::shape<-1, -1, -1>>;
using ByteToPlane = Given<float, nb::shape<256>>;  // the plane's value for each byte
using Flat = Given<float, nb::shape<PARAMETERS>>;
using Penalties = nb::ndarray<float, nb::shape<-1, CLASSES>, nb::c_contig, nb::device::cpu>;
using Result = nb::ndarray<nb::numpy, float>;

// An argument that is taken as it is or refused.
inline auto exact(const char* name) { return nb::arg(name).noconvert(); }

// The numbers of an array that the kernels read in place; Python may lay them at any address.
template <class Array>
auto numbers_of(const Array& given) {
    auto* numbers = given.data();
    if (reinterpret_cast<std::uintptr_t>(numbers) % alignof(decltype(*numbers)))
        throw std::invalid_argument("expected an array aligned to its numbers; pass a copy");
    return numbers;
}

// A new array of this shape.
inline Result array_of(const std::vector<size_t>& shape) {
    size_t count = 1;
    for (size_t side : shape) count *= side;
    float* memory = aligned_floats(count).release();
    nb::capsule owner(memory, [](void* held) noexcept { AlignedDelete()(held); });
    return Result(memory, shape.size(), shape.data(), owner);
}

inline int checked_threads(int threads) {  // lenet/engine/native_engine.py has the same limit
    if (threads < 1 || threads > 1024)
        throw std::invalid_argument("expected 1 … 1,024 threads, got " + std::to_string(threads));
    return threads;
}

// The table must begin with paper: what is not ink is left out on the strength of it.
inline const float* byte_to_plane_of(const ByteToPlane& byte_to_plane) {
    const float* const values = numbers_of(byte_to_plane);
    if (values[0] != PAPER)
        throw std::invalid_argument("expected a byte_to_plane of -0.1 for byte 0");
    return values;
}

void bind_connection_graph(nb::module_& m);
void bind_decoding(nb::module_& m);
void bind_inference(nb::module_& m);
void bind_learning(nb::module_& m);
void bind_lines(nb::module_& m);
void bind_preparation(nb::module_& m);
void bind_sdnn(nb::module_& m);
