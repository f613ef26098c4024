// Back through the whole network for one 32×32 plane: what each weight did to the loss.
//
// The same walk gives first derivatives and, with every weight, input and slope squared, the
// diagonal second derivatives of appendix C (eqs 25 and 27 are eqs 18's chain rule in squares).
#pragma once
#include "ink.hpp"

// What the forward walk leaves for the way back: slopes, sums, and the values a layer above reads.
struct alignas(64) ForwardCache {
    Ink ink;
    alignas(64) float c1_slopes[28 * 28 * C1];
    float s2[14 * 14 * S2], s2_sums[14 * 14 * S2], s2_slopes[14 * 14 * S2];
    float c3_slopes[10 * 10 * C3];
    float s4[5 * 5 * S4], s4_sums[5 * 5 * S4], s4_slopes[5 * 5 * S4];
    float c5[C5], c5_slopes[C5], f6[F6], f6_slopes[F6], output[OUTPUT];
};

namespace ISA {

// Forward, keeping what the way back needs. t.ink is there already.
inline void forward(const Architecture& is, const Parameters& p, ForwardCache& t) {
    const Geometry geometry({SIDE, SIDE});
    alignas(64) float c3[2 * 10 * C3];
    const Stages stages = {nullptr, nullptr, t.s2, c3, t.s4, t.c5, t.f6, t.output};
    const InkPlane plane(t.ink);
    const InkTiles tiles(is, p, plane);
    for (int y = 0; y < C1_SIDE; y += 2)
        tiles.rows(y, t.s2 + y / 2 * 14 * S2, t.c1_slopes + y * C1_SIDE * C1,
                   t.s2_sums + y / 2 * 14 * S2);
    if (is.subsampling == Subsampling::trainable)
        squash(is.squash, t.s2, t.s2_slopes, 14 * 14 * S2);
    else
        set_all(t.s2_slopes, 14 * 14 * S2, 1);
    after_s2(is, p, geometry, stages, false, {t.c3_slopes, t.s4_sums, t.s4_slopes});
    connections(is, p, geometry, 1, &stages, t.c5_slopes, t.f6_slopes);
}

template <int width>
INLINE void add_up(const float* rows, Index count, float* total) {
    constexpr int n = lanes_of<width>;
    for (int v = 0; v < width; v += n) {
        Vector<n> sum = load<n>(total + v);
        for (Index k = 0; k < count; ++k) sum += load<n>(rows + k * width + v);
        store<n>(total + v, sum);
    }
}

INLINE void multiply(float* values, const float* by, Index count) {
    for (Index k = 0; k < count; k += LANES)
        store<LANES>(values + k, load<LANES>(values + k) * load<LANES>(by + k));
}

// Adds the gradients of C1 … S4 and of all biases to g; those of C5 and F6 go to take_c5, take_f6,
// called for each weight's index after the weight has been read for the last time.
// below: d/df6, F6 floats with zeros in the padding. It and the cache are used up.
template <class TakeC5, class TakeF6>
INLINE void backward(const Parameters& p, ForwardCache& t, float* below, Parameters& g,
                     TakeC5 take_c5, TakeF6 take_f6) {
    alignas(64) float c5[C5], s4[C5_INPUTS], c3[10 * 10 * C3], s2[14 * 14 * S2];

    multiply(below, t.f6_slopes, F6);
    add_up<F6>(below, 1, g.f6_bias);
    set_all(c5, C5, 0);
    back_through<F6>(t.c5, C5_MAPS, flat(p.f6), below, c5, take_f6);

    multiply(c5, t.c5_slopes, C5);
    add_up<C5>(c5, 1, g.c5_bias);
    back_through<C5>(t.s4, C5_INPUTS, flat(p.c5), c5, s4, take_c5);

    multiply(s4, t.s4_slopes, C5_INPUTS);
    for (int y = 0; y < 5; ++y)
        back_through_subsampling<S4>(s4 + y * 5 * S4, t.s4_sums + y * 5 * S4,
                                     t.c3_slopes + y * 20 * C3, 10 * C3, p.s4_coefficient,
                                     c3 + y * 20 * C3, g.s4_coefficient, g.s4_bias, 5);
    add_up<C3>(c3, 100, g.c3_bias);
    for (int m = 0; m < S2_MAPS; ++m)
        weigh<S2, C3>(t.s2 + m, 14 * S2, c3, 10, 10, g.c3[0][m], S2_MAPS * C3);
    back_through_c3(p, c3, s2);

    multiply(s2, t.s2_slopes, 14 * 14 * S2);
    for (int y = 0; y < 14; ++y)
        back_through_subsampling<S2>(s2 + y * 14 * S2, t.s2_sums + y * 14 * S2,
                                     t.c1_slopes + y * 56 * C1, 28 * C1, p.s2_coefficient,
                                     t.c1_slopes + y * 56 * C1, g.s2_coefficient, g.s2_bias, 14);
    weigh_ink(t.ink, t.c1_slopes, g);
}

// d/df6 from d/d(penalty) in `loss_gradient`, OUTPUT floats with zeros in the padding. A linear
// head's own gradients go to take(index, gradients).
template <class Take>
INLINE void back_through_head(const Architecture& is, const Parameters& p, const ForwardCache& t,
                              const float* loss_gradient, float* below, Take take) {
    alignas(64) float above[OUTPUT];
    float total = 0;
    for (int k = 0; k < OUTPUT; ++k) {
        above[k] = -loss_gradient[k];  // of a linear head: penalties are minus its scores
        total += loss_gradient[k];
    }
    set_all(below, F6, 0);
    back_through<OUTPUT>(t.f6, F6_UNITS, flat(p.output), above, below, take);
    if (is.head == Head::rbf)  // d‖f − w‖²/df = 2 (f − w)
        for (int k = 0; k < F6_UNITS; ++k) below[k] = 2 * (total * t.f6[k] + below[k]);
}

}  // namespace ISA
