// S2 and S4: one value for each 2×2 field, map by map.
#pragma once
#include "network.hpp"
#include "vectors.hpp"

namespace ISA {

// The four values of a field, all lanes of them.
template <int n>
struct Field {
    Vector<n> a, b, c, d;
    INLINE Field(const float* maps, Index row, int width)
        : a(load<n>(maps)), b(load<n>(maps + width)), c(load<n>(maps + row)),
          d(load<n>(maps + row + width)) {}
    INLINE Vector<n> sum() const { return (a + b) + (c + d); }
};
template <int n>
INLINE Vector<n> larger(Vector<n> a, Vector<n> b) { return a > b ? a : b; }

// One row of sub-sampled maps, before any squashing: coefficient × sum + bias, or the largest.
// maps: two rows of 2 × columns fields, `row` floats apart; sums: where training wants them kept.
template <int width>
INLINE void subsample_row(Subsampling kind, const float* maps, Index row, const float* coefficient,
                          const float* bias, float* to, float* sums_to, Index columns) {
    constexpr int n = lanes_of<width>;
    for (int v = 0; v < width; v += n) {
        const Vector<n> scale = load<n>(coefficient + v), shift = load<n>(bias + v);
        for (Index x = 0; x < columns; ++x) {
            const Field<n> field(maps + 2 * x * width + v, row, width);
            const Vector<n> sum = field.sum();
            if (sums_to) store<n>(sums_to + x * width + v, sum);
            if (kind == Subsampling::max)
                store<n>(to + x * width + v, larger<n>(larger<n>(field.a, field.b),
                                                       larger<n>(field.c, field.d)));
            else
                store<n>(to + x * width + v, scale * sum + shift);
        }
    }
}

// Max pooling passes gradients to the first of the largest only: slopes of the others become 0.
template <int width>
inline void keep_winners(const float* maps, Index row, const float* pooled, float* slopes,
                         Index columns) {
    constexpr int n = lanes_of<width>;
    for (int v = 0; v < width; v += n)
        for (Index x = 0; x < columns; ++x) {
            const Vector<n> best = load<n>(pooled + x * width + v);
            Vector<n> open = all<n>(1.0f);  // 1 until a winner is found
            for (Index corner = 0; corner < 4; ++corner) {
                const Index at = corner / 2 * row + (2 * x + corner % 2) * width + v;
                const Vector<n> won = load<n>(maps + at) == best ? open : Vector<n>{};
                store<n>(slopes + at, load<n>(slopes + at) * won);
                open -= won;
            }
        }
}

// Back through one row: from d/d(sum × coefficient + bias) in `above`, times the slopes of the
// layer below, into its two rows; gradients of coefficient and bias are added up.
template <int width>
INLINE void back_through_subsampling(const float* above, const float* sums_of, const float* slopes,
                                     Index row, const float* coefficient, float* below,
                                     float* coefficient_gradients, float* bias_gradients,
                                     Index columns) {
    constexpr int n = lanes_of<width>;
    for (int v = 0; v < width; v += n) {
        const Vector<n> scale = load<n>(coefficient + v);
        Vector<n> of_coefficient = load<n>(coefficient_gradients + v);
        Vector<n> of_bias = load<n>(bias_gradients + v);
        for (Index x = 0; x < columns; ++x) {
            const Vector<n> delta = load<n>(above + x * width + v), scaled = scale * delta;
            of_coefficient += delta * load<n>(sums_of + x * width + v);
            of_bias += delta;
            each<4>([&](auto corner) {
                const Index at = corner / 2 * row + (2 * x + corner % 2) * width + v;
                store<n>(below + at, scaled * load<n>(slopes + at));
            });
        }
        store<n>(coefficient_gradients + v, of_coefficient);
        store<n>(bias_gradients + v, of_bias);
    }
}

}  // namespace ISA
