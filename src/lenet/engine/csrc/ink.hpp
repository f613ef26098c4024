// C1 of digits: a plane is paper nearly everywhere, so only where there is ink is
// anything worked out. Leaving out what adds exactly 0 leaves every bit as forward.hpp has it.
#pragma once
#include "forward.hpp"
#include "kernels.hpp"

constexpr int SIDE = 32, C1_SIDE = 28;  // of the plane and of a C1 map

// The pixels with ink, for the way back.
struct Ink {
    float paper;
    int count;
    short place[SIDE * SIDE];  // 32 row + column
    float value[SIDE * SIDE];  // plane − paper
};

namespace ISA {

inline void find_ink(const unsigned char* image, const float* byte_to_plane, Ink& ink) {
    ink.paper = PAPER;
    ink.count = 0;
    for (int y = 0; y < 28; ++y)
        for (int x = 0; x < 28; ++x) {  // no branch: where ink begins and ends cannot be foreseen
            const unsigned char byte = image[y * 28 + x];
            ink.place[ink.count] = static_cast<short>((y + 2) * SIDE + x + 2);
            ink.value[ink.count] = byte_to_plane[byte] - PAPER;
            ink.count += byte != 0;
        }
}

inline void find_ink(const float* plane, Ink& ink) {
    ink.paper = PAPER;
    ink.count = 0;
    for (int k = 0; k < SIDE * SIDE; ++k)
        if (plane[k] != PAPER) {
            ink.place[ink.count] = static_cast<short>(k);
            ink.value[ink.count++] = plane[k] - PAPER;
        }
}

// The same for squares of the plane's values (x² = paper² + what the ink adds).
inline void square(Ink& ink) {
    for (int k = 0; k < ink.count; ++k) ink.value[k] *= ink.value[k] + 2 * ink.paper;
    ink.paper *= ink.paper;
}

// Calls visit(tap, position in a C1 map) for all C1 units that see the pixel; tap is a constant.
template <class Visit>
INLINE void see(int place, Visit visit) {
    const int row = place / SIDE, column = place % SIDE, at = row * C1_SIDE + column;
    if (row >= 4 && row < C1_SIDE && column >= 4 && column < C1_SIDE)
        each<TAPS>([&](auto k) { visit(k, at - k / KERNEL * C1_SIDE - k % KERNEL); });
    else
        each<TAPS>([&](auto k) {
            const int y = row - k / KERNEL, x = column - k % KERNEL;
            if (y >= 0 && y < C1_SIDE && x >= 0 && x < C1_SIDE) visit(k, y * C1_SIDE + x);
        });
}

// A 32×32 plane of ink, and for each row a bit for every pixel that may hold some.
struct InkPlane {
    alignas(64) float ink[SIDE * SIDE];
    unsigned lit[SIDE] = {};

    InkPlane() { set_all(ink, SIDE * SIDE, 0); }

    explicit InkPlane(const Ink& from) : InkPlane() {
        for (int k = 0; k < from.count; ++k) {
            ink[from.place[k]] = from.value[k];
            lit[from.place[k] / SIDE] |= 1u << from.place[k] % SIDE;
        }
    }

    // A 28×28 digit image, four pixels at a time.
    InkPlane(const unsigned char* image, const float* byte_to_plane) : InkPlane() {
        for (int y = 0; y < 28; ++y)
            for (int x = 0; x < 28; x += 4) {
                const unsigned char* const four = image + 28 * y + x;
                if (!(four[0] | four[1] | four[2] | four[3])) continue;
                lit[y + 2] |= 0xFu << (x + 2);
                for (int k = 0; k < 4; ++k)
                    ink[(y + 2) * SIDE + x + 2 + k] = byte_to_plane[four[k]] - PAPER;
            }
    }
};

// C1 and S2 of a plane, in tiles of 2 × 4 C1 units; the tiles that see no ink are all alike.
class InkTiles {
    static constexpr int n = lanes_of<C1>, WIDE = 4, UNITS = 2 * WIDE * C1;
    const Architecture& is;
    const Parameters& p;
    const InkPlane& plane;
    alignas(64) float start[C1], bare[UNITS], bare_slopes[UNITS];

   public:
    INLINE InkTiles(const Architecture& is, const Parameters& p, const InkPlane& plane)
        : is(is), p(p), plane(plane) {
        bare_c1(p, start);
        for (int k = 0; k < 2 * WIDE; ++k) copy(start, bare + k * C1, C1);
        squash(is.squash, bare, bare_slopes, UNITS);
    }

    // Rows y and y + 1 of C1, y even: the S2 row beneath before its squashing and, for training
    // unless null, the slopes of C1 and the sums of the fields.
    INLINE void rows(int y, float* s2, float* slopes, float* sums) const {
        unsigned seen = 0;  // columns with ink in the six rows that these two look at
        for (int k = 0; k < KERNEL + 1; ++k) seen |= plane.lit[y + k];
        for (int x = 0; x < C1_SIDE; x += WIDE) {
            alignas(64) float tile[UNITS], tile_slopes[UNITS];
            const bool live = seen >> x & 0xFF;  // a tile looks at eight columns
            if (live) {
                convolve(y, x, tile);
                squash(is.squash, tile, slopes ? tile_slopes : nullptr, UNITS);
            }
            const float* const values = live ? tile : bare;
            float* const s2_here = s2 + x / 2 * S2;
            subsample_row<C1>(is.subsampling, values, WIDE * C1, p.s2_coefficient, p.s2_bias,
                              s2_here, sums ? sums + x / 2 * S2 : nullptr, WIDE / 2);
            if (!slopes) continue;
            if (!live) copy(bare_slopes, tile_slopes, UNITS);
            if (is.subsampling == Subsampling::max)
                keep_winners<C1>(values, WIDE * C1, s2_here, tile_slopes, WIDE / 2);
            copy(tile_slopes, slopes + x * C1, UNITS / 2);
            copy(tile_slopes + UNITS / 2, slopes + (C1_SIDE + x) * C1, UNITS / 2);
        }
    }

   private:
    INLINE void convolve(int y, int x, float* tile) const {
        const float* const corner = plane.ink + y * SIDE + x;
        for (int v = 0; v < C1; v += n) {
            Vector<n> sum[2 * WIDE];
            each<2 * WIDE>([&](auto t) { sum[t] = load<n>(start + v); });
            each<TAPS>([&](auto k) {
                const Vector<n> weight = load<n>(p.c1[k] + v);
                const float* const pixel = corner + k / KERNEL * SIDE + k % KERNEL;
                each<2 * WIDE>([&](auto t) {
                    sum[t] += weight * pixel[t / WIDE * SIDE + t % WIDE];
                });
            });
            each<2 * WIDE>([&](auto t) { store<n>(tile + t * C1 + v, sum[t]); });
        }
    }

    INLINE static void copy(const float* from, float* to, int count) {
        for (int k = 0; k < count; k += n) store<n>(to + k, load<n>(from + k));
    }
};

// The penalties of `count` ≤ TOGETHER digit images: stages[k].output, S2 to F6 on the way.
inline void classify(const Architecture& is, const Parameters& p, int count,
                     const unsigned char* images, const float* byte_to_plane,
                     const Stages* stages) {
    const Geometry g({SIDE, SIDE});
    for (int k = 0; k < count; ++k) {
        const InkPlane plane(images + k * 28 * 28, byte_to_plane);
        const InkTiles tiles(is, p, plane);
        for (int y = 0; y < C1_SIDE; y += 2)
            tiles.rows(y, stages[k].s2 + y / 2 * 14 * S2, nullptr, nullptr);
        if (is.subsampling == Subsampling::trainable)
            squash(is.squash, stages[k].s2, nullptr, 14 * 14 * S2);
        after_s2(is, p, g, stages[k], false, {});
    }
    connections(is, p, g, count, stages, nullptr, nullptr);
}

// Adds the gradients of C1's weights and biases, from d/da in above, [28][28][8].
inline void weigh_ink(const Ink& ink, const float* above, Parameters& g) {
    constexpr int n = lanes_of<C1>;
    for (int v = 0; v < C1; v += n) {
        Vector<n> total[4] = {};
        for (int k = 0; k < C1_SIDE * C1_SIDE; k += 4)
            each<4>([&](auto j) { total[j] += load<n>(above + (k + j) * C1 + v); });
        total[0] = (total[0] + total[1]) + (total[2] + total[3]);
        store<n>(g.c1_bias + v, load<n>(g.c1_bias + v) + total[0]);
        Vector<n> sum[TAPS];
        each<TAPS>([&](auto k) { sum[k] = load<n>(g.c1[k] + v) + ink.paper * total[0]; });
        for (int k = 0; k < ink.count; ++k) {
            const float value = ink.value[k];
            see(ink.place[k], [&](auto tap, int at) {
                sum[tap] += value * load<n>(above + at * C1 + v);
            });
        }
        each<TAPS>([&](auto k) { store<n>(g.c1[k] + v, sum[k]); });
    }
}

}  // namespace ISA
