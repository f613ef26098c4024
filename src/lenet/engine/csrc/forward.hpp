// The forward walk C1 S2 C3 S4 C5 F6 output, over a few planes side by side.
#pragma once
#include "connection.hpp"
#include "convolution.hpp"
#include "network.hpp"
#include "squash.hpp"
#include "subsampling.hpp"
#include "vectors.hpp"

namespace ISA {

// C1 reads ink, plane − paper: with x = paper + ink, Σ w x = paper Σ w + Σ w ink, so that bare
// paper, most of every plane, adds nothing. This is what every sum of C1 starts from, C1 floats.
inline void bare_c1(const Parameters& p, float* start) {
    constexpr int n = lanes_of<C1>;
    for (int v = 0; v < C1; v += n) {
        Vector<n> sum{};
        each<TAPS>([&](auto k) { sum += load<n>(p.c1[k] + v); });
        store<n>(start + v, load<n>(p.c1_bias + v) + PAPER * sum);
    }
}

// A convolution and the sub-sampling after it, two rows at a time while they are warm.
// With `keep` the convolution's maps are kept whole, otherwise every pair of rows overwrites the
// one before. slopes and sums may be null.
struct Kept {
    float *slopes, *sums, *subsampled_slopes;
};

template <int width, class Convolve>
INLINE void convolve_and_subsample(const Architecture& is, Size large, const float* coefficient,
                                   const float* bias, float* maps, bool keep, Kept kept, float* to,
                                   Convolve convolve) {
    const Index row = large.columns * width, columns = large.columns / 2, small = columns * width;
    const bool trainable = is.subsampling == Subsampling::trainable;
    for (Index y = 0; y < large.rows; y += 2) {
        float* const pair = maps + (keep ? y * row : 0);
        float* const slopes = kept.slopes ? kept.slopes + y * row : nullptr;
        float* const pooled = to + y / 2 * small;
        convolve(y, pair);
        convolve(y + 1, pair + row);
        squash(is.squash, pair, slopes, 2 * row);
        subsample_row<width>(is.subsampling, pair, row, coefficient, bias, pooled,
                             kept.sums ? kept.sums + y / 2 * small : nullptr, columns);
        if (trainable) {
            squash(is.squash, pooled,
                   kept.subsampled_slopes ? kept.subsampled_slopes + y / 2 * small : nullptr,
                   small);
        } else if (slopes) {
            set_all(kept.subsampled_slopes + y / 2 * small, small, 1);
            if (is.subsampling == Subsampling::max)
                keep_winners<width>(pair, row, pooled, slopes, columns);
        }
    }
}

// C1 and S2 from the ink, for planes of any size.
INLINE void from_ink(const Architecture& is, const Parameters& p, const Geometry& g,
                     const Stages& s, bool keep) {
    alignas(64) float start[C1];
    bare_c1(p, start);
    const Index row = g.plane.columns;
    convolve_and_subsample<C1>(is, g.c1, p.s2_coefficient, p.s2_bias, s.c1, keep, {}, s.s2,
                               [&](Index y, float* to) {
                                   convolve_c1(p, start, s.ink + y * row, row, to, g.c1.columns);
                               });
}

INLINE void after_s2(const Architecture& is, const Parameters& p, const Geometry& g,
                     const Stages& s, bool keep, Kept kept) {
    const Index row = g.s2.columns * S2;
    convolve_and_subsample<C3>(is, g.c3, p.s4_coefficient, p.s4_bias, s.c3, keep, kept, s.s4,
                               [&](Index y, float* to) {
                                   convolve_c3(p, s.s2 + y * row, row, to, g.c3.columns);
                               });
}

// The ten penalties of one place, in OUTPUT lanes: ‖f6 − code‖² (eq. 7), or minus linear scores.
inline void penalise(const Architecture& is, const Parameters& p, const float* f6,
                     float* penalties) {
    constexpr int n = lanes_of<OUTPUT>;
    for (int v = 0; v < OUTPUT; v += n) {
        Vector<n> sum = load<n>(p.output_bias + v);
        if (is.head == Head::rbf)
            for (int i = 0; i < F6_UNITS; ++i) {
                const Vector<n> difference = f6[i] - load<n>(p.output[i] + v);
                sum += difference * difference;
            }
        else
            for (int i = 0; i < F6_UNITS; ++i) sum += load<n>(p.output[i] + v) * f6[i];
        store<n>(penalties + v, is.head == Head::rbf ? sum : -sum);
    }
}

// C5 to output of all places of `count` planes; slopes may be null and are for one place only.
INLINE void connections(const Architecture& is, const Parameters& p, const Geometry& g, int count,
                        const Stages* s, float* c5_slopes, float* f6_slopes) {
    const Index row = g.s4.columns * S4;
    const float *fields[TOGETHER] = {}, *c5s[TOGETHER] = {};
    float *c5[TOGETHER] = {}, *f6[TOGETHER] = {};
    for (Index place = 0; place < g.places(); ++place) {
        const Index y = place / g.c5.columns, x = place % g.c5.columns;
        for (int k = 0; k < count; ++k) {
            fields[k] = s[k].s4 + y * row + x * S4;
            c5s[k] = c5[k] = s[k].c5 + place * C5;
            f6[k] = s[k].f6 + place * F6;
        }
        connect<C5>(count, fields, {KERNEL, KERNEL * S4, row}, flat(p.c5), p.c5_bias, c5);
        for (int k = 0; k < count; ++k) squash(is.squash, c5[k], c5_slopes, C5);
        connect<F6>(count, c5s, {1, C5_MAPS, 0}, flat(p.f6), p.f6_bias, f6);
        for (int k = 0; k < count; ++k) {
            squash(is.squash, f6[k], f6_slopes, F6);
            penalise(is, p, f6[k], s[k].output + place * OUTPUT);
        }
    }
}

// All stages of `count` ≤ TOGETHER planes. Without `keep`, C1 and C3 need two rows only.
inline void forward(const Architecture& is, const Parameters& p, const Geometry& g, int count,
                    const float* const* planes, const Stages* stages, bool keep) {
    for (int k = 0; k < count; ++k) {
        for (Index i = 0; i < g.plane.rows * g.plane.columns; ++i)
            stages[k].ink[i] = planes[k][i] - PAPER;
        from_ink(is, p, g, stages[k], keep);
        after_s2(is, p, g, stages[k], keep, {});
    }
    connections(is, p, g, count, stages, nullptr, nullptr);
}

}  // namespace ISA
