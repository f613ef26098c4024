// Short vectors of floats by the compiler's own vector types: no intrinsics, any processor.
//
// This file and those that include it are compiled once for each instruction set, inside a
// namespace of its own (ISA) and without standard templates; what lies outside it is INLINE. So the
// linker can never mix a function for AVX-512 into the code for an older processor.
#pragma once
#include <utility>  // integer_sequence only

#include "network.hpp"

namespace ISA {

#if defined(__AVX512F__)
constexpr int LANES = 16;       // floats in a register
constexpr int REGISTERS = 32;
#elif defined(__AVX2__) || defined(__AVX__)
constexpr int LANES = 8;
constexpr int REGISTERS = 16;
#elif defined(__aarch64__)
constexpr int LANES = 4;
constexpr int REGISTERS = 32;
#else
constexpr int LANES = 4;
constexpr int REGISTERS = 16;
#endif

template <int n>
struct Of {
    typedef float Vector __attribute__((vector_size(4 * n), may_alias));
    typedef float Loose __attribute__((vector_size(4 * n), may_alias, aligned(4)));
    typedef int Mask __attribute__((vector_size(4 * n), may_alias));
};
template <int n>
using Vector = typename Of<n>::Vector;

// Lanes of one register for rows of `width` floats: C1 and S2 have 8, the others 16 or more.
template <int width>
constexpr int lanes_of = width < LANES ? width : LANES;

template <int n>
INLINE Vector<n> load(const float* from) { return *reinterpret_cast<const Vector<n>*>(from); }
template <int n>
INLINE Vector<n> load_loose(const float* from) {  // from any address
    return *reinterpret_cast<const typename Of<n>::Loose*>(from);
}
template <int n>
INLINE void store(float* to, Vector<n> value) { *reinterpret_cast<Vector<n>*>(to) = value; }
template <int n>
INLINE Vector<n> all(float value) { return value - Vector<n>{}; }

inline void set_all(float* to, Index count, float value) {  // count: a multiple of 8
    constexpr int n = lanes_of<8>;
    for (Index k = 0; k < count; k += n) store<n>(to + k, all<n>(value));
}

// each<n>(f): f(0), f(1), … f(n − 1) with constants, so that arrays of vectors stay in registers.
template <class F, int... i>
INLINE void each(F&& f, std::integer_sequence<int, i...>) {
    (f(std::integral_constant<int, i>{}), ...);
}
template <int n, class F>
INLINE void each(F&& f) { each(f, std::make_integer_sequence<int, n>{}); }

template <int n>
INLINE Vector<n> shuffle(Vector<n> a, Vector<n> b, typename Of<n>::Mask mask) {
#if defined(__clang__)
    Vector<n> mixed{};
    for (int k = 0; k < n; ++k) mixed[k] = mask[k] < n ? a[mask[k]] : b[mask[k] - n];
    return mixed;
#else
    return __builtin_shuffle(a, b, mask);
#endif
}

// The sums of n vectors of n lanes, as one vector: lane k is the sum of rows[k].
template <int n, int block = 1>
INLINE Vector<n> sums(Vector<n>* rows) {
    if constexpr (block == n) {
        return rows[0];
    } else {
        typename Of<n>::Mask low{}, high{};  // constants, once the compiler is through
        each<n>([&](auto k) {
            constexpr int of_b = k / block % 2, start = k / (2 * block) * 2 * block + k % block;
            low[k.value] = of_b * n + start;
            high[k.value] = of_b * n + start + block;
        });
        each<n / block / 2>([&](auto k) {
            const Vector<n> a = rows[2 * k], b = rows[2 * k + 1];
            rows[k] = shuffle<n>(a, b, low) + shuffle<n>(a, b, high);
        });
        return sums<n, 2 * block>(rows);
    }
}

}  // namespace ISA
