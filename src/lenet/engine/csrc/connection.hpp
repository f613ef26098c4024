// Fully connected layers: C5 (400 → 128 lanes at every place), F6 (120 → 96), output (84 → 16).
//
// One chain of additions per output in every variant below, so that a plane gets the same bits
// whether it is computed alone or beside others.
#pragma once
#include "kernels.hpp"
#include "vectors.hpp"

namespace ISA {

// Inputs of one place: `segments` runs of `run` floats, `step` apart (a 5×5 field: 5 runs of 80).
struct Runs {
    int segments, run;
    Index step;
};

template <int places, int vectors, int width>
INLINE void connect_tile(const float* const* inputs, Runs runs, const float* weights,
                         const float* bias, float* const* to, int offset) {
    constexpr int n = lanes_of<width>;
    Vector<n> sum[places][vectors];
    each<places>([&](auto k) {
        each<vectors>([&](auto v) { sum[k][v] = load<n>(bias + offset + v * n); });
    });
    const float* weight = weights + offset;
    for (int segment = 0; segment < runs.segments; ++segment)
        for (Index i = segment * runs.step, end = i + runs.run; i < end; ++i, weight += width)
            each<vectors>([&](auto v) {
                const Vector<n> w = load<n>(weight + v * n);
                each<places>([&](auto k) { sum[k][v] += w * inputs[k][i]; });
            });
    each<places>([&](auto k) {
        each<vectors>([&](auto v) { store<n>(to[k] + offset + v * n, sum[k][v]); });
    });
}

// Largest number of vectors, dividing those of a row, that the registers hold for so many places.
template <int places, int width>
constexpr int tile_vectors() {
    constexpr int vectors = width / lanes_of<width>, scratch = REGISTERS / 2;
    for (int v = vectors; v > 1; --v)
        if (vectors % v == 0 && v * places <= scratch) return v;
    return 1;
}

template <int places, int width>
INLINE void connect(const float* const* inputs, Runs runs, const float* weights, const float* bias,
                    float* const* to) {
    constexpr int vectors = tile_vectors<places, width>(), step = vectors * lanes_of<width>;
    for (int offset = 0; offset < width; offset += step)
        connect_tile<places, vectors, width>(inputs, runs, weights, bias, to, offset);
}

// For `count` places, 1 … TOGETHER.
template <int width>
inline void connect(int count, const float* const* inputs, Runs runs, const float* weights,
                    const float* bias, float* const* to) {
    if (count == TOGETHER) return connect<TOGETHER, width>(inputs, runs, weights, bias, to);
    for (int k = 0; k < count; ++k) connect<1, width>(inputs + k, runs, weights, bias, to + k);
}

// Back through a fully connected layer: d/d(input) into `below` from d/d(sum) in `above`, and
// every weight's gradients, input × above, handed to `take(index, gradients)` after its last use.
// below: `count` floats, filled up with zeros to a multiple of LANES.
template <int width, class Take>
INLINE void back_through(const float* inputs, int count, const float* weights, const float* above,
                         float* below, Take take) {
    constexpr int n = lanes_of<width>, all_vectors = width / n;
    constexpr int vectors = all_vectors > 8 ? 8 : all_vectors;  // kept in registers
    constexpr int parts = (all_vectors + vectors - 1) / vectors;
    each<parts>([&](auto part) {
        constexpr int here = part == parts - 1 ? all_vectors - part * vectors : vectors;
        constexpr int offset = part * vectors * n;
        Vector<n> delta[here];
        each<here>([&](auto v) { delta[v] = load<n>(above + offset + v * n); });
        for (int start = 0; start < count; start += n) {
            Vector<n> products[n];
            for (int k = 0; k < n; ++k) {
                products[k] = Vector<n>{};
                if (start + k >= count) continue;
                const Index index = static_cast<Index>(start + k) * width + offset;
                each<here>([&](auto v) {
                    products[k] += load<n>(weights + index + v * n) * delta[v];
                    take(index + v * n, inputs[start + k] * delta[v]);
                });
            }
            const Vector<n> total = sums<n>(products);
            store<n>(below + start, part == 0 ? total : load<n>(below + start) + total);
        }
    });
}

}  // namespace ISA
