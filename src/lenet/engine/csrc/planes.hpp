// Planes between Python and the kernels that prepare images: what may be asked of them.
#pragma once
#include "arrays.hpp"
#include "expect.hpp"

template <class T, class Shape>
using Into = nb::ndarray<T, Shape, nb::c_contig, nb::device::cpu>;
using Plane = Given<float, nb::shape<-1, -1>>;
using Mask = Given<bool, nb::shape<-1, -1>>;
using Numbers = Given<std::int64_t, nb::shape<-1, -1>>;
using Boxes = Given<std::int64_t, nb::shape<-1, 4>>;
using IntoPlane = Into<float, nb::shape<-1, -1>>;
using IntoNumbers = Into<std::int64_t, nb::shape<-1, -1>>;
using IntoOrder = Into<std::int64_t, nb::shape<-1>>;
using IntoImage = Into<unsigned char, nb::shape<-1, -1>>;

template <class A, class B>
void expect_alike(const A& one, const B& other) {
    expect(one.shape(0) == other.shape(0) && one.shape(1) == other.shape(1),
           "expected two planes of one size");
}

// Results must lie apart from what was checked: writing them would undo the check.
template <class Read, class... Written>
void expect_apart(const Read& read, const Written&... written) {
    const auto from = reinterpret_cast<std::uintptr_t>(read.data());
    const auto lies_apart = [&](const auto& other) {
        const auto at = reinterpret_cast<std::uintptr_t>(other.data());
        return from + read.nbytes() <= at || at + other.nbytes() <= from;
    };
    expect((lies_apart(written) && ...), "expected results in memory of their own");
}

template <class Array>
long high(const Array& plane) { return static_cast<long>(plane.shape(0)); }
template <class Array>
long wide(const Array& plane) { return static_cast<long>(plane.shape(1)); }

// The numbers of a plane of at least one pixel, all 0 … 1; NaN is none of them.
inline const float* shades_of(const Plane& plane) {
    const float* const shades = numbers_of(plane);
    expect(plane.size() > 0, "expected a plane of at least one pixel");
    int outside = 0;
    for (size_t k = 0; k < plane.size(); ++k) outside |= !(shades[k] >= 0) | !(shades[k] <= 1);
    expect(!outside, "expected values 0 … 1");
    return shades;
}
