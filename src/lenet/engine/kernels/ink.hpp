// C1 in training: an input plane is paper nearly everywhere, so only the pixels with ink are visited.
//
// With x = paper + ink, Σ w x = paper Σ w + Σ w ink, and the same for the gradients Σ δ x. On MNIST
// ink covers 15 % of the plane; the results equal the dense convolution's but for rounding.
#pragma once
#include "kernels.hpp"
#include "vectors.hpp"

constexpr int SIDE = 32, C1_SIDE = 28;  // of the plane and of a C1 map

struct Ink {
    float paper;
    int count;
    short place[SIDE * SIDE];  // 32 row + column
    float value[SIDE * SIDE];  // plane − paper
};

namespace ISA {

inline void find_ink(const unsigned char* image, const float* tone, Ink& ink) {
    ink.paper = tone[0];
    ink.count = 0;
    for (int y = 0; y < 28; ++y)
        for (int x = 0; x < 28; ++x) {  // no branch: where ink begins and ends cannot be foreseen
            const unsigned char byte = image[y * 28 + x];
            ink.place[ink.count] = static_cast<short>((y + 2) * SIDE + x + 2);
            ink.value[ink.count] = tone[byte] - tone[0];
            ink.count += byte != 0;
        }
}

inline void find_ink(const float* plane, float paper, Ink& ink) {
    ink.paper = paper;
    ink.count = 0;
    for (int k = 0; k < SIDE * SIDE; ++k)
        if (plane[k] != paper) {
            ink.place[ink.count] = static_cast<short>(k);
            ink.value[ink.count++] = plane[k] - paper;
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

// C1 before squashing, row by row; rows and halves of rows without ink cost nothing.
struct InkRows {
    static constexpr int n = lanes_of<C1>, tile = C1_SIDE / 2;
    static constexpr unsigned seen = (1u << (tile + KERNEL - 1)) - 1;  // pixels a tile looks at
    const Parameters& p;
    unsigned lit[SIDE] = {};  // of each row of the plane, a bit for every pixel with ink
    alignas(64) float plane[SIDE * SIDE], bare[C1];

    INLINE InkRows(const Parameters& p, const Ink& ink) : p(p) {
        set_all(plane, SIDE * SIDE, 0);
        for (int k = 0; k < ink.count; ++k) {
            plane[ink.place[k]] = ink.value[k];
            lit[ink.place[k] / SIDE] |= 1u << ink.place[k] % SIDE;
        }
        for (int v = 0; v < C1; v += n) {
            Vector<n> sum{};
            each<TAPS>([&](auto k) { sum += load<n>(p.c1[k] + v); });
            store<n>(bare + v, load<n>(p.c1_bias + v) + ink.paper * sum);
        }
    }

    INLINE void convolve(long y, float* to) const {
        for (int v = 0; v < C1; v += n)
            for (int x = 0; x < C1_SIDE; x += tile) {
                Vector<n> sum[tile];
                each<tile>([&](auto t) { sum[t] = load<n>(bare + v); });
                for (int row = 0; row < KERNEL; ++row) {
                    if (!(lit[y + row] >> x & seen)) continue;
                    const float* const pixel = plane + (y + row) * SIDE + x;
                    each<KERNEL>([&](auto k) {
                        const Vector<n> weight = load<n>(p.c1[row * KERNEL + k] + v);
                        each<tile>([&](auto t) { sum[t] += weight * pixel[t + k]; });
                    });
                }
                each<tile>([&](auto t) { store<n>(to + (x + t) * C1 + v, sum[t]); });
            }
    }
};

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
