// Many planes through the network, on several threads. Bit-equal for any number of them.
#pragma once
#include "kernels.hpp"
#include "parallel.hpp"

inline Aligned<Parameters> copied(const float* numbers) {
    auto parameters = aligned<Parameters>(sizeof(Parameters));
    std::memcpy(flat(*parameters), numbers, sizeof(Parameters));
    return parameters;
}

struct Network {
    Architecture is;
    const Parameters* parameters;
    const Kernels* kernels;
    Table table;
    BufferPool& pool;  // for images; all of one size
};

// images: count × 28 × 28 bytes; penalties: count × CLASSES.
void penalties_of_images(const Network&, const unsigned char* images, const float* byte_to_plane,
                         Index count, int threads, float* penalties);

// planes: count × rows × columns; penalties: count × places × CLASSES.
void penalties_of_planes(const Network&, const float* planes, Size plane, Index count, int threads,
                         float* penalties);

// Every stage of every plane, one plane after another, maps innermost with their padding.
void stages_of_planes(const Network&, const float* planes, Size plane, Index count, int threads,
                      const Stages& into);

// Floats of each stage of one plane, C1 to output; each a multiple of 16.
struct StageSizes {
    Index of[7];
    explicit StageSizes(const Geometry& g)
        : of{g.c1.rows * g.c1.columns * C1, g.s2.rows * g.s2.columns * S2,
             g.c3.rows * g.c3.columns * C3, g.s4.rows * g.s4.columns * S4,
             g.places() * C5,               g.places() * F6,
             g.places() * OUTPUT} {}
};
