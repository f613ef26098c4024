// The squashing functions, and their slopes for training.
#pragma once
#include "network.hpp"
#include "vectors.hpp"

namespace ISA {

// tanh as a quotient of polynomials, within 4.2e-7 of it for every float. Minimax in relative error
// on [0, 7.9] by linear programming (benchmarks/fit_tanh.py); beyond, it stays at 1 − 1e-7.
template <int n>
INLINE Vector<n> tanh_of(Vector<n> a) {
    const Vector<n> most = all<n>(7.9f), least = all<n>(-7.9f);
    a = a < most ? a : most;
    a = a > least ? a : least;
    const Vector<n> t = a * a;
    Vector<n> above = t * 1.14915235e-05f + 0.00295649724f;
    above = above * t + 0.129305956f;
    above = above * t + 0.999999873f;
    Vector<n> below = t * 2.48014652e-07f + 0.000239466068f;
    below = below * t + 0.0238374763f;
    below = below * t + 0.462638071f;
    below = below * t + 1.0f;
    return a * above / below;
}

constexpr float AMPLITUDE = 1.7159f, SLOPE = 2.0f / 3.0f;  // eq. 6

// f(a) and, where wanted, f′(a).
template <Squash kind, bool sloped, int n>
INLINE Vector<n> squashed(Vector<n> a, Vector<n>& slope) {
    if constexpr (kind == Squash::scaled_tanh) {
        const Vector<n> u = tanh_of<n>(a * SLOPE);
        if constexpr (sloped) slope = AMPLITUDE * SLOPE - AMPLITUDE * SLOPE * u * u;
        return AMPLITUDE * u;
    } else if constexpr (kind == Squash::tanh) {
        const Vector<n> u = tanh_of<n>(a);
        if constexpr (sloped) slope = 1.0f - u * u;
        return u;
    } else if constexpr (kind == Squash::relu) {
        const Vector<n> none{};
        if constexpr (sloped) slope = a > none ? all<n>(1.0f) : none;
        return a > none ? a : none;
    } else {
        Vector<n> sigmoid = 0.5f + 0.5f * tanh_of<n>(0.5f * a);
        sigmoid = a > -15.8f ? sigmoid : Vector<n>{};  // or its last bit, times a, would show
        if constexpr (sloped) slope = sigmoid + sigmoid * a * (1.0f - sigmoid);
        return a * sigmoid;
    }
}

// One body for every vector loop below: values squashed in place, slopes written unless null.
template <Squash kind, int n>
INLINE void squash_row(float* values, float* slopes, Index count) {
    Vector<n> slope{};
    if (slopes)
        for (Index k = 0; k < count; k += n) {
            store<n>(values + k, squashed<kind, true, n>(load<n>(values + k), slope));
            store<n>(slopes + k, slope);
        }
    else
        for (Index k = 0; k < count; k += n)
            store<n>(values + k, squashed<kind, false, n>(load<n>(values + k), slope));
}

// count floats, a multiple of 8.
template <int n = LANES>
inline void squash(Squash kind, float* values, float* slopes, Index count) {
    if constexpr (n > 8)
        if (count % n) return squash<8>(kind, values, slopes, count);
    switch (kind) {
        case Squash::scaled_tanh: return squash_row<Squash::scaled_tanh, n>(values, slopes, count);
        case Squash::tanh: return squash_row<Squash::tanh, n>(values, slopes, count);
        case Squash::relu: return squash_row<Squash::relu, n>(values, slopes, count);
        case Squash::silu: return squash_row<Squash::silu, n>(values, slopes, count);
    }
}

}  // namespace ISA
