// The network's numbers as the kernels keep them: maps innermost, padded to whole registers.
//
// Padding lanes hold zeros and stay zero, up to F6; those of the output are never looked at. Python
// lays the published tensors out this way and back (packing.py), so nothing here knows their names.
#pragma once

#include "index.hpp"

#define INLINE __attribute__((always_inline)) inline

enum class Squash : int { scaled_tanh, tanh, relu, silu };
enum class Subsampling : int { trainable, average, max };
enum class Head : int { rbf, linear };

struct Architecture {
    Squash squash;
    Subsampling subsampling;
    Head head;
};

constexpr int KERNEL = 5;            // side of every receptive field of a convolution
constexpr int TAPS = KERNEL * KERNEL;
constexpr int C1 = 8, S2 = 8;        // 6 maps
constexpr int C3 = 16, S4 = 16;      // 16 maps
constexpr int C5 = 128;              // 120
constexpr int F6 = 96;               // 84
constexpr int OUTPUT = 16;           // 10
constexpr int S2_MAPS = 6, C5_MAPS = 120, F6_UNITS = 84, CLASSES = 10;  // those that are real
constexpr int C5_INPUTS = TAPS * S4;

constexpr float PAPER = -0.1f;  // value of the bare plane (lenet/network/plane.py)

struct alignas(64) Parameters {
    float c1[TAPS][C1], c1_bias[C1];                     // tap = 5 row + column
    float s2_coefficient[S2], s2_bias[S2];               // ¼ and 0 for average, 1 and 0 for max
    float c3[TAPS][S2_MAPS][C3], c3_bias[C3];            // zero where the table has no connection
    float s4_coefficient[S4], s4_bias[S4];
    float c5[C5_INPUTS][C5], c5_bias[C5];                // input = 16 tap + map
    float f6[C5_MAPS][F6], f6_bias[F6];
    float output[F6_UNITS][OUTPUT], output_bias[OUTPUT]; // the codes, or a linear head
};
constexpr Index PARAMETERS = sizeof(Parameters) / sizeof(float);

// All numbers of an array, or of all parameters, one after another.
template <class T>
INLINE float* flat(T& numbers) { return reinterpret_cast<float*>(&numbers); }
template <class T>
INLINE const float* flat(const T& numbers) { return reinterpret_cast<const float*>(&numbers); }

// The S2 maps that each C3 map reads: those with a weight that is not zero.
struct Table {
    int count[C3] = {};
    int sources[C3][S2_MAPS] = {};
    explicit Table(const Parameters& p) {
        for (int map = 0; map < C3; ++map)
            for (int source = 0; source < S2_MAPS; ++source) {
                bool connected = false;
                for (int tap = 0; tap < TAPS; ++tap) connected |= p.c3[tap][source][map] != 0;
                if (connected) sources[map][count[map]++] = source;
            }
    }
};

// Height and width of the maps for an input plane of rows × columns, each ≥ 32 and divisible by 4.
struct Size {
    Index rows, columns;
};
struct Geometry {
    Size plane, c1, s2, c3, s4, c5;
    INLINE explicit Geometry(Size of)
        : plane(of),
          c1{of.rows - 4, of.columns - 4},
          s2{c1.rows / 2, c1.columns / 2},
          c3{s2.rows - 4, s2.columns - 4},
          s4{c3.rows / 2, c3.columns / 2},
          c5{s4.rows - 4, s4.columns - 4} {}
    INLINE Index places() const { return c5.rows * c5.columns; }
};

// Where the stages of one plane lie, and its ink (plane − paper); all 64-byte aligned.
struct Stages {
    float *ink, *c1, *s2, *c3, *s4, *c5, *f6, *output;
};
