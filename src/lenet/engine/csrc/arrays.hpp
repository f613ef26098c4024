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
#include "expect.hpp"
#include "parallel.hpp"

namespace nb = nanobind;
using nb::literals::operator""_a;

template <class T, class Shape>
using Given = nb::ndarray<const T, Shape, nb::c_contig, nb::device::cpu>;
using Images = Given<unsigned char, nb::shape<-1, 28, 28>>;
using Planes = Given<float, nb::shape<-1, -1, -1>>;
using ByteToPlane = Given<float, nb::shape<256>>;  // the plane's value for each byte
using Flat = Given<float, nb::shape<PARAMETERS>>;
using Labels = Given<int, nb::shape<-1>>;
using Targets = Given<float, nb::shape<-1, CLASSES>>;
using Order = Given<std::int64_t, nb::shape<-1>>;
using Amounts = Given<float, nb::shape<AMOUNTS>>;  // Distortion's fields in order
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

inline Aligned<Parameters> copied(const Flat& numbers) {
    auto parameters = aligned<Parameters>(sizeof(Parameters));
    std::memcpy(flat(*parameters), numbers.data(), sizeof(Parameters));
    return parameters;
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

// The order as a copy, checked: another Python thread may change the array once the interpreter's
// lock is given up, and its numbers are used as indices.
inline std::vector<std::int64_t> checked_order(const Order& order, size_t images) {
    std::vector<std::int64_t> copy(numbers_of(order), order.data() + order.shape(0));
    for (std::int64_t image : copy)
        if (image < 0 || static_cast<size_t>(image) >= images)
            throw std::invalid_argument("the order names an image that is not there");
    return copy;
}

// What a learner is shown, checked; images: n rows of bytes.
template <class Rows>
class CheckedSamples {
   public:
    CheckedSamples(const Rows& images, const Labels& labels, const ByteToPlane& byte_to_plane,
                   const Order& order)
        : images_(images.data()), byte_to_plane_(byte_to_plane_of(byte_to_plane)),
          order_(checked_order(order, images.shape(0))) {
        expect(labels.shape(0) == images.shape(0), "expected one label per image");
        const int* const given = numbers_of(labels);
        for (std::int64_t image : order_) {
            labels_.push_back(given[image]);
            expect(labels_.back() >= 0 && labels_.back() < CLASSES, "expected labels 0 … 9");
        }
    }
    Samples samples() const {
        return {images_, labels_.data(), byte_to_plane_, order_.data(),
                static_cast<Index>(order_.size())};
    }

   private:
    const unsigned char* images_;
    const float* byte_to_plane_;
    std::vector<std::int64_t> order_;
    std::vector<int> labels_;
};

void bind_decoding(nb::module_& m);
void bind_inference(nb::module_& m);
void bind_learning(nb::module_& m);
void bind_lines(nb::module_& m);
void bind_preparation(nb::module_& m);
void bind_sdnn(nb::module_& m);
void bind_wired(nb::module_& m);
