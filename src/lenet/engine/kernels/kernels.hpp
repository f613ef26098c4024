// What each instruction set offers: the same functions, compiled once for each.
#pragma once
#include <cstddef>
#include <cstdint>

#include "network.hpp"

struct Loss {
    bool discriminative;  // eq. 9, otherwise eq. 8
    float rubbish;        // j of eq. 9; infinite leaves the rubbish class out
};

// Digit images of 28×28 bytes, and the plane's value for each byte.
struct Digits {
    const unsigned char* images;
    const int* labels;
    const float* tone;  // 256
};

struct Trace;  // one plane's way forward, kept for the way back; in backward.hpp
struct Gradient {
    Trace* trace;
    Parameters* sums;
};

constexpr int TOGETHER = 4;  // planes computed side by side, so that C5's weights are fetched once

struct Kernels {
    const char* name;
    int lanes;  // floats in a register
    size_t trace_bytes;
    void (*to_plane)(const unsigned char* image, const float* tone, float* plane);
    // All stages of `count` ≤ TOGETHER planes; without keep, c1 and c3 need two rows each.
    void (*forward)(const Description&, const Parameters&, const Geometry&, int count,
                    const float* const* planes, const Stages*, bool keep);
    // One update for each digit of the order (SDLM, eq. 18); how many were answered wrongly before.
    long (*learn)(const Description&, const Loss&, Parameters&, const Parameters& steps,
                  const Digits&, const std::int64_t* order, long count, Gradient);
    // Adds h_kk of each digit of the order to the sums.
    void (*curvature)(const Description&, const Parameters&, const Parameters& squared,
                      const Digits&, const std::int64_t* order, long count, Gradient);
    // Adds the gradients of `count` planes to the sums; returns their summed loss.
    double (*gradients)(const Description&, const Loss&, const Parameters&, const float* const* planes,
                        float paper, const float* targets, long count, Gradient, float* penalties);
    // Register-to-register multiply-adds, `rounds` × the number it returns; for the machine's peak.
    long (*multiply_add)(long rounds);
};
