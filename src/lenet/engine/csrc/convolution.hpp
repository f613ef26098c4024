// 5×5 convolutions: C1 (1 → 8 lanes) and C3 (6 of 8 → 16 lanes), forward and back.
//
// Outputs of one row stay in registers while the weights stream past them, so each weight is loaded
// once for a whole row and each input only ever broadcast.
#pragma once
#include "network.hpp"
#include "vectors.hpp"

namespace ISA {

// `tile` neighbouring outputs of one row, all lanes. `inputs` of every `stride` floats are read.
template <int inputs, int stride, int width, int tile>
INLINE void convolve_tile(const float* maps, Index row, const float* weights, const float* bias,
                          float* sums_to) {
    constexpr int n = lanes_of<width>, vectors = width / n;
    Vector<n> sum[tile][vectors];
    each<tile>([&](auto t) {
        each<vectors>([&](auto v) { sum[t][v] = load<n>(bias + v * n); });
    });
    for (int y = 0; y < KERNEL; ++y)
        for (int m = 0; m < inputs; ++m)
            each<KERNEL>([&](auto x) {
                const float* const pixel = maps + y * row + x * stride + m;
                const float* const weight = weights + ((y * KERNEL + x) * inputs + m) * width;
                each<vectors>([&](auto v) {
                    const Vector<n> w = load<n>(weight + v * n);
                    each<tile>([&](auto t) { sum[t][v] += w * pixel[t * stride]; });
                });
            });
    each<tile>([&](auto t) {
        each<vectors>([&](auto v) { store<n>(sums_to + t * width + v * n, sum[t][v]); });
    });
}

// One row of `columns` outputs (even), in tiles that fit the registers.
template <int inputs, int stride, int width, int tile>
INLINE void convolve_row(const float* maps, Index row, const float* weights, const float* bias,
                         float* sums_to, Index columns) {
    constexpr int rest = tile % 2 ? 1 : 2;
    Index x = 0;
    for (; x + tile <= columns; x += tile)
        convolve_tile<inputs, stride, width, tile>(maps + x * stride, row, weights, bias,
                                                   sums_to + x * width);
    for (; x < columns; x += rest)
        convolve_tile<inputs, stride, width, rest>(maps + x * stride, row, weights, bias,
                                                   sums_to + x * width);
}

// Outputs in a tile: what the registers hold beside a weight and a broadcast input.
constexpr int C1_TILE = 14;
constexpr int C3_TILE = 10 * lanes_of<C3> / C3 > 1 ? 10 * lanes_of<C3> / C3 : 2;

INLINE void convolve_c1(const Parameters& p, const float* start, const float* ink, Index row,
                        float* to, Index columns) {
    convolve_row<1, 1, C1, C1_TILE>(ink, row, flat(p.c1), start, to, columns);
}
INLINE void convolve_c3(const Parameters& p, const float* s2, Index row, float* to, Index columns) {
    convolve_row<S2_MAPS, S2, C3, C3_TILE>(s2, row, flat(p.c3), p.c3_bias, to, columns);
}

// Adds Σ input · above to the gradients of a kernel's taps, over `rows` × `columns` outputs.
// `taps` rows of the kernel at a time stay in registers; gradients: [25][spacing], one input map.
template <int stride, int width, int taps>
INLINE void weigh_taps(const float* maps, Index row, const float* above, Index rows, Index columns,
                       float* gradients, Index spacing) {
    constexpr int n = lanes_of<width>;
    for (int v = 0; v < width; v += n) {
        Vector<n> sum[taps * KERNEL];
        each<taps * KERNEL>([&](auto k) { sum[k] = load<n>(gradients + k * spacing + v); });
        for (Index y = 0; y < rows; ++y)
            for (Index x = 0; x < columns; ++x) {
                const float* pixel = maps + y * row + x * stride;
                const Vector<n> delta = load<n>(above + (y * columns + x) * width + v);
                each<taps * KERNEL>([&](auto k) {
                    sum[k] += delta * pixel[k / KERNEL * row + k % KERNEL * stride];
                });
            }
        each<taps * KERNEL>([&](auto k) { store<n>(gradients + k * spacing + v, sum[k]); });
    }
}

template <int stride, int width>
INLINE void weigh(const float* maps, Index row, const float* above, Index rows, Index columns,
                  float* gradients, Index spacing) {
    if constexpr (REGISTERS >= 32) {
        weigh_taps<stride, width, KERNEL>(maps, row, above, rows, columns, gradients, spacing);
    } else {
        for (int y = 0; y < 4; y += 2)
            weigh_taps<stride, width, 2>(maps + y * row, row, above, rows, columns,
                                         gradients + y * KERNEL * spacing, spacing);
        weigh_taps<stride, width, 1>(maps + 4 * row, row, above, rows, columns,
                                     gradients + 4 * KERNEL * spacing, spacing);
    }
}

// d/dS2 of one plane of 32×32 from d/da of C3, [10][10][16] to [14][14][8].
//
// For each input map the 16 lanes of C3 are kept apart until a whole row is done, and only then
// summed: lanes are output maps here, and what is wanted is one number per input map.
inline void back_through_c3(const Parameters& p, const float* above, float* below) {
    constexpr int n = lanes_of<C3>, columns = 10, wide = columns + KERNEL - 1, rows = 10;
    alignas(64) float apart[wide][S2][n] = {};
    for (int target = 0; target < rows + KERNEL - 1; ++target) {
        const int first = target < rows ? 0 : target - rows + 1;
        const int last = target < KERNEL ? target : KERNEL - 1;
        for (int m = 0; m < S2_MAPS; ++m) {
            Vector<n> sum[wide] = {};
            for (int v = 0; v < C3; v += n)
                for (int y = first; y <= last; ++y) {
                    const float* row = above + (target - y) * columns * C3 + v;
                    each<KERNEL>([&](auto x) {
                        const Vector<n> weight = load<n>(p.c3[y * KERNEL + x][m] + v);
                        each<columns>([&](auto t) {
                            sum[t + x] += weight * load<n>(row + t * C3);
                        });
                    });
                }
            each<wide>([&](auto t) { store<n>(apart[t][m], sum[t]); });
        }
        constexpr int part = n < 8 ? n : 8;  // lanes of the sums; wider rows are folded first
        for (int t = 0; t < wide; ++t)
            for (int m = 0; m < S2; m += part) {
                Vector<part> folded[part];
                each<part>([&](auto k) {
                    folded[k] = load<part>(apart[t][m + k]);
                    each<n / part - 1>([&](auto f) {
                        folded[k] += load<part>(apart[t][m + k] + (f + 1) * part);
                    });
                });
                store<part>(below + (target * wide + t) * S2 + m, sums<part>(folded));
            }
    }
}

}  // namespace ISA
