// Arrays between Python and the kernels: C order and exact types in, 64-byte aligned out. Nothing
// is converted here. lenet.engine.native_engine is the face that does.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <vector>

#include "dispatch.hpp"
#include "parallel.hpp"

namespace nb = nanobind;
using nb::literals::operator""_a;

template <class T, class Shape>
using Given = nb::ndarray<const T, Shape, nb::c_contig, nb::device::cpu>;
using Images = Given<unsigned char, nb::shape<-1, 28, 28>>;
using Planes = Given<float, nb::shape<-1, -1, -1>>;
using Tone = Given<float, nb::shape<256>>;  // the plane's value for each byte
using Flat = Given<float, nb::shape<PARAMETERS>>;
using Labels = Given<int, nb::shape<-1>>;
using Targets = Given<float, nb::shape<-1, CLASSES>>;
using Order = Given<std::int64_t, nb::shape<-1>>;
using Bends = Given<float, nb::shape<AMOUNTS>>;  // Distortion's fields in order
using Settings = Given<float, nb::shape<7>>;     // AdamW's fields in order
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

inline Description description_of(int squash, int subsampling, int head) {
    if (squash < 0 || squash > 3 || subsampling < 0 || subsampling > 2 || head < 0 || head > 1)
        throw std::invalid_argument("unknown network description");
    return {Squash(squash), Subsampling(subsampling), Head(head)};
}

inline Aligned<Parameters> copied(const Flat& numbers) {
    auto parameters = aligned<Parameters>(sizeof(Parameters));
    std::memcpy(flat(*parameters), numbers.data(), sizeof(Parameters));
    return parameters;
}

inline int checked_threads(int threads) {  // lenet/engine/limits.py has the same limit
    if (threads < 1 || threads > 1024)
        throw std::invalid_argument("expected 1 … 1,024 threads, got " + std::to_string(threads));
    return threads;
}

// The table must begin with paper: what is not ink is left out on the strength of it.
inline const float* tone_of(const Tone& tone) {
    const float* const values = numbers_of(tone);
    if (values[0] != PAPER) throw std::invalid_argument("expected a tone of -0.1 for byte 0");
    return values;
}

// The order as a copy, checked: another Python thread may change the array once the interpreter's
// lock is given up, and its numbers are used as indices.
inline std::vector<std::int64_t> checked_order(const Order& order, size_t images) {
    std::vector<std::int64_t> copy(numbers_of(order), order.data() + order.shape(0));
    for (std::int64_t image : copy)
        if (image < 0 || static_cast<size_t>(image) >= images)
            throw std::invalid_argument("the order names an image that is not there");
    return copy;
}

// The labels of the digits of an order, in that order.
inline std::vector<int> labels_of(const Labels& labels, const std::vector<std::int64_t>& order) {
    const int* const given = numbers_of(labels);
    std::vector<int> found;
    for (std::int64_t image : order) {
        found.push_back(given[image]);
        if (found.back() < 0 || found.back() >= CLASSES)
            throw std::invalid_argument("expected labels 0 … 9");
    }
    return found;
}

void bind_decoding(nb::module_& m);
void bind_inference(nb::module_& m);
void bind_learning(nb::module_& m);
void bind_lines(nb::module_& m);
void bind_preparation(nb::module_& m);
void bind_sdnn(nb::module_& m);
void bind_wired(nb::module_& m);
