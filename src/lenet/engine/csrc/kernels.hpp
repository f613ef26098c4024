// What each instruction set offers: the same functions, compiled once for each.
#pragma once
#include <cstddef>
#include <cstdint>

#include "network.hpp"
#include "sdnn_layer.hpp"
#include "connection_graph.hpp"

struct Loss {
    bool discriminative;  // eq. 9, otherwise eq. 8
    float rubbish;        // j of eq. 9; infinite leaves the rubbish class out
    float temperature;    // what penalties are divided by in eq. 9
};

struct ForwardCache;  // one plane's way forward, kept for the way back; in backward.hpp
struct Gradient {
    ForwardCache* cache;
    Parameters* sums;
};

// One AdamW update; the corrections are 1 − β^t.
struct AdamW {
    float rate, decay, beta1, beta2, epsilon, mean_correction, square_correction;
};

// How far digits are distorted at most; lenet/augmentation/warp.py explains the fields.
struct Distortion {
    float rotation, scale, shear, shift, elastic, smoothness, thickness;
    float degraded, background, patch, noise;
};
constexpr int AMOUNTS = sizeof(Distortion) / sizeof(float);

constexpr int TOGETHER = 4;  // planes computed side by side, so that C5's weights are fetched once

struct Kernels {
    const char* name;
    int lanes;  // floats in a register
    size_t cache_bytes, scratch_bytes;
    // A 28×28 digit image in the middle of a 32×32 plane.
    void (*to_plane)(const unsigned char* image, const float* byte_to_plane, float* plane);
    // The penalties of `count` ≤ TOGETHER digit images: stages[k].output; c3 needs two rows.
    void (*classify)(const Architecture&, const Parameters&, int count, const unsigned char* images,
                     const float* byte_to_plane, const Stages*);
    // All stages of `count` ≤ TOGETHER planes; without keep, c1 and c3 need two rows each.
    void (*forward)(const Architecture&, const Parameters&, const Geometry&, int count,
                    const float* const* planes, const Stages*, bool keep);
    // The penalties of `lanes` digit images, lanes × CLASSES; scratch: `scratch_bytes`, 64-byte
    // aligned.
    void (*classify_lanes)(const Architecture&, const Parameters&, const Table&,
                           const unsigned char* images, const float* byte_to_plane, void* scratch,
                           float* penalties);
    // One update for each digit of the order (SDLM, eq. 18); how many were answered wrongly before.
    Index (*learn)(const Architecture&, const Loss&, Parameters&, const Parameters& steps,
                   const Samples&, Gradient);
    // Adds h_kk of each digit of the order to the sums.
    void (*curvature)(const Architecture&, const Parameters&, const Parameters& squared,
                      const Samples&, Gradient);
    // Adds the gradients of one 32×32 plane to the sums; target: CLASSES probabilities. Returns its
    // loss.
    float (*gradients)(const Architecture&, const Loss&, const Parameters&, const float* plane,
                       const float* target, Gradient, float* penalties);
    void (*adamw)(float* values, float* mean, float* square, const float* gradients,
                  const float* trainable_mask, Index count, const AdamW&);
    // A digit image, distorted at random by stream and index, on a 32×32 plane.
    void (*distort)(const Distortion&, std::uint64_t stream, std::uint64_t index,
                    const unsigned char* image, const float* byte_to_plane, float* plane);
    // The same three for a network given as a list of connections (connection_graph.hpp).
    void (*graph_penalties)(const ConnectionGraph&, const float* weights,
                            const unsigned char* image, const float* byte_to_plane,
                            const UnitState&, float* penalties);
    Index (*graph_learn)(const ConnectionGraph&, float* weights, const float* steps,
                         const Samples&, const UnitState&, float* penalties);
    void (*graph_curvature)(const ConnectionGraph&, const float* weights, const Samples&,
                            const UnitState&, float* sums);
    // One row of a layer of the SDNN: `count` places, and as many sums as fill up the
    // last dozen. from: the first row of the fields, `step` floats from row to row; to: 64-byte
    // aligned.
    void (*sdnn_row)(const SdnnLayer&, const float* from, Index step, Index count, float* to);
    // Register-to-register multiply-adds, `rounds` × the number it returns; for the machine's peak.
    Index (*multiply_add)(Index rounds);
};
