// Many digit images at once, one in every lane of a register: no lane is padding, and C3 computes
// only the connections that exist. Sums run in the order of forward.hpp, so that an image gets the
// same bits either way.
#pragma once
#include "forward.hpp"

namespace ISA {

constexpr int n = LANES;
using V = Vector<n>;

// Everything about `LANES` images; [..][n] is one number of each of them.
struct alignas(64) Scratch {
    float ink[32][32][n];
    float maps[2][28][n];  // two rows of one map of C1, or of C3
    float s2[S2_MAPS][14][14][n];
    float s4[C5_INPUTS][n];  // as C5 reads it: 16 tap + map
    float c5[C5_MAPS][n], f6[F6_UNITS][n], output[CLASSES][n];
    bool lit[32];
};

// Lays the images' ink out, and notes which rows of the plane have any; the others add nothing.
INLINE void fill_ink(const unsigned char* images, const float* byte_to_plane, Scratch& scratch) {
    set_all(flat(scratch.ink), 32 * 32 * n, 0);
    for (bool& row : scratch.lit) row = false;
    for (int k = 0; k < n; ++k)
        for (int y = 0; y < 28; ++y)
            for (int x = 0; x < 28; x += 4) {
                const unsigned char* const four = images + k * 28 * 28 + 28 * y + x;
                if (!(four[0] | four[1] | four[2] | four[3])) continue;
                scratch.lit[y + 2] = true;
                for (int i = 0; i < 4; ++i)
                    scratch.ink[y + 2][x + 2 + i][k] = byte_to_plane[four[i]] - PAPER;
            }
}

// `tile` neighbouring sums of a row: adds the five taps of one row of one kernel.
template <int tile>
INLINE void add_taps(const float (*pixels)[n], const float* weights, int spacing, V* sum) {
    V pixel[tile + KERNEL - 1];
    each<tile + KERNEL - 1>([&](auto k) { pixel[k] = load<n>(pixels[k]); });
    each<KERNEL>([&](auto x) {
        const float weight = weights[x * spacing];
        each<tile>([&](auto t) { sum[t] += weight * pixel[t + x]; });
    });
}

// Squashes two rows of a map and sub-samples them into `to`, `spacing` floats between neighbours.
INLINE void pool(const Architecture& is, Scratch& scratch, int columns, float coefficient,
                 float bias, float* to, int spacing) {
    for (auto& row : scratch.maps) squash(is.squash, flat(row), nullptr, columns * n);
    for (int x = 0; x < columns / 2; ++x) {
        const V a = load<n>(scratch.maps[0][2 * x]), b = load<n>(scratch.maps[0][2 * x + 1]);
        const V c = load<n>(scratch.maps[1][2 * x]), d = load<n>(scratch.maps[1][2 * x + 1]);
        const bool largest = is.subsampling == Subsampling::max;
        store<n>(to + x * spacing, largest ? larger<n>(larger<n>(a, b), larger<n>(c, d))
                                           : coefficient * ((a + b) + (c + d)) + bias);
        if (is.subsampling == Subsampling::trainable)
            squash(is.squash, to + x * spacing, nullptr, n);
    }
}

INLINE void c1_and_s2(const Architecture& is, const Parameters& p, Scratch& scratch) {
    constexpr int tile = 7;
    alignas(64) float start[C1];
    bare_c1(p, start);
    for (int y = 0; y < 28; y += 2)
        for (int map = 0; map < S2_MAPS; ++map) {
            for (int row = 0; row < 2; ++row)
                for (int x = 0; x < 28; x += tile) {
                    V sum[tile];
                    each<tile>([&](auto t) { sum[t] = all<n>(start[map]); });
                    for (int k = 0; k < KERNEL; ++k)
                        if (scratch.lit[y + row + k])
                            add_taps<tile>(&scratch.ink[y + row + k][x], p.c1[KERNEL * k] + map, C1,
                                           sum);
                    each<tile>([&](auto t) { store<n>(scratch.maps[row][x + t], sum[t]); });
                }
            pool(is, scratch, 28, p.s2_coefficient[map], p.s2_bias[map], scratch.s2[map][y / 2][0],
                 n);
        }
}

INLINE void c3_and_s4(const Architecture& is, const Parameters& p, const Table& table,
                      Scratch& scratch) {
    constexpr int tile = REGISTERS >= 32 ? 10 : 5;
    for (int y = 0; y < 10; y += 2)
        for (int map = 0; map < C3; ++map) {
            for (int row = 0; row < 2; ++row)
                for (int x = 0; x < 10; x += tile) {
                    V sum[tile];
                    each<tile>([&](auto t) { sum[t] = all<n>(p.c3_bias[map]); });
                    for (int k = 0; k < KERNEL; ++k)
                        for (int s = 0; s < table.count[map]; ++s) {
                            const int source = table.sources[map][s];
                            add_taps<tile>(&scratch.s2[source][y + row + k][x],
                                           p.c3[KERNEL * k][source] + map, S2_MAPS * C3, sum);
                        }
                    each<tile>([&](auto t) { store<n>(scratch.maps[row][x + t], sum[t]); });
                }
            pool(is, scratch, 10, p.s4_coefficient[map], p.s4_bias[map],
                 scratch.s4[y / 2 * 5 * S4 + map], S4 * n);
        }
}

// Fully connected: `count` inputs of one number per image, to `units` sums of one number per image.
template <int units, int width, int tile>
INLINE void connect_lanes(const float (*inputs)[n], int count, const float* weights,
                          const float* bias, float (*to)[n]) {
    static_assert(units % tile == 0, "tiles fill the layer");
    for (int unit = 0; unit < units; unit += tile) {
        V sum[tile];
        each<tile>([&](auto t) { sum[t] = all<n>(bias[unit + t]); });
        for (int i = 0; i < count; ++i) {
            const V input = load<n>(inputs[i]);
            const float* const weight = weights + i * width + unit;
            each<tile>([&](auto t) { sum[t] += weight[t] * input; });
        }
        each<tile>([&](auto t) { store<n>(to[unit + t], sum[t]); });
    }
}

INLINE void penalise_lanes(const Architecture& is, const Parameters& p, Scratch& scratch) {
    if (is.head == Head::linear) {
        connect_lanes<CLASSES, OUTPUT, CLASSES>(scratch.f6, F6_UNITS, flat(p.output), p.output_bias,
                                                scratch.output);
        for (auto& score : scratch.output) store<n>(score, -load<n>(score));
        return;
    }
    V sum[CLASSES];
    each<CLASSES>([&](auto c) { sum[c] = all<n>(p.output_bias[c]); });
    for (int i = 0; i < F6_UNITS; ++i)
        each<CLASSES>([&](auto c) {
            const V difference = load<n>(scratch.f6[i]) - p.output[i][c];
            sum[c] += difference * difference;
        });
    each<CLASSES>([&](auto c) { store<n>(scratch.output[c], sum[c]); });
}

// The penalties of LANES images of 28×28 bytes, LANES × CLASSES.
inline void classify_lanes(const Architecture& is, const Parameters& p, const Table& table,
                           const unsigned char* images, const float* byte_to_plane, void* memory,
                           float* penalties) {
    constexpr int wide = REGISTERS >= 32 ? 24 : 12, narrow = REGISTERS >= 32 ? 21 : 12;
    Scratch& scratch = *static_cast<Scratch*>(memory);
    fill_ink(images, byte_to_plane, scratch);
    c1_and_s2(is, p, scratch);
    c3_and_s4(is, p, table, scratch);
    connect_lanes<C5_MAPS, C5, wide>(scratch.s4, C5_INPUTS, flat(p.c5), p.c5_bias, scratch.c5);
    squash(is.squash, flat(scratch.c5), nullptr, C5_MAPS * n);
    connect_lanes<F6_UNITS, F6, narrow>(scratch.c5, C5_MAPS, flat(p.f6), p.f6_bias, scratch.f6);
    squash(is.squash, flat(scratch.f6), nullptr, F6_UNITS * n);
    penalise_lanes(is, p, scratch);
    for (int k = 0; k < n; ++k)
        for (int c = 0; c < CLASSES; ++c) penalties[k * CLASSES + c] = scratch.output[c][k];
}

}  // namespace ISA
