#include "inference.hpp"

#include <algorithm>

#include "parallel.hpp"

namespace {

// The same place in the stages of plane k.
Stages shifted(const Stages& stages, const StageSizes& sizes, Index k) {
    const Index* of = sizes.of;
    return {stages.ink, stages.c1 + k * of[0], stages.s2 + k * of[1], stages.c3 + k * of[2],
            stages.s4 + k * of[3], stages.c5 + k * of[4], stages.f6 + k * of[5],
            stages.output + k * of[6]};
}

// The stages of a worker's planes side by side, C1 and C3 with the two rows that sub-sampling
// needs.
struct Side {
    Stages stages[TOGETHER];

    static StageSizes sizes_of(const Geometry& g) {
        StageSizes sizes(g);
        sizes.of[0] = 2 * g.c1.columns * C1;
        sizes.of[2] = 2 * g.c3.columns * C3;
        return sizes;
    }
    static Index floats(const Geometry& g, Index side_by_side) {
        Index total = g.plane.rows * g.plane.columns;
        for (Index size : sizes_of(g).of) total += size;
        return side_by_side * total;
    }

    Side(const Geometry& g, Index side_by_side, float* memory) {
        const StageSizes sizes = sizes_of(g);
        const Index ink = g.plane.rows * g.plane.columns;
        Stages first{};
        float* at = memory + side_by_side * ink;
        float** parts[] = {&first.c1, &first.s2, &first.c3,    &first.s4,
                           &first.c5, &first.f6, &first.output};
        for (int k = 0; k < 7; at += side_by_side * sizes.of[k++]) *parts[k] = at;
        for (int k = 0; k < side_by_side; ++k) {
            stages[k] = shifted(first, sizes, k);
            stages[k].ink = memory + k * ink;
        }
    }
};

constexpr Index BLOCK = 16;  // planes a worker takes at a time, a multiple of TOGETHER and of lanes

Index blocks(Index count) { return (count + BLOCK - 1) / BLOCK; }
Index block_end(Index block, Index count) { return std::min((block + 1) * BLOCK, count); }
int next(Index first, Index end) {
    return static_cast<int>(std::min<Index>(end - first, TOGETHER));
}

}  // namespace

void penalties_of_images(const Network& network, const unsigned char* images,
                         const float* byte_to_plane, Index count, int threads, float* penalties) {
    const Kernels& kernels = *network.kernels;
    const Geometry g({32, 32});
    const Index beside = Side::floats(g, TOGETHER);
    in_parallel(blocks(count), threads, [&] {
        return [&, lease = Lease(network.pool, beside + kernels.scratch_bytes / sizeof(float))](
                   Index block) {
            const Side scratch(g, TOGETHER, lease.memory());
            float* const lanes = lease.memory() + beside;
            const Index end = block_end(block, count);
            Index first = block * BLOCK;
            for (; first + kernels.lanes <= end; first += kernels.lanes)
                kernels.classify_lanes(network.is, *network.parameters, network.table,
                                       images + first * 28 * 28, byte_to_plane, lanes,
                                       penalties + first * CLASSES);
            for (; first < end; first += TOGETHER) {
                const int here = next(first, end);
                kernels.classify(network.is, *network.parameters, here, images + first * 28 * 28,
                                 byte_to_plane, scratch.stages);
                for (int k = 0; k < here; ++k)
                    std::copy_n(scratch.stages[k].output, CLASSES,
                                penalties + (first + k) * CLASSES);
            }
        };
    });
}

void penalties_of_planes(const Network& network, const float* planes, Size plane, Index count,
                         int threads, float* penalties) {
    const Geometry g(plane);
    const Index pixels = plane.rows * plane.columns, places = g.places();
    const Index side_by_side = std::min<Index>(count, TOGETHER);
    in_parallel(blocks(count), threads, [&] {
        return [&, memory = aligned_floats(Side::floats(g, side_by_side))](Index block) {
            const Side scratch(g, side_by_side, memory.get());
            const Index end = block_end(block, count);
            for (Index first = block * BLOCK; first < end; first += TOGETHER) {
                const int here = next(first, end);
                const float* given[TOGETHER];
                for (int k = 0; k < here; ++k) given[k] = planes + (first + k) * pixels;
                network.kernels->forward(network.is, *network.parameters, g, here, given,
                                         scratch.stages, false);
                for (Index k = 0; k < here * places; ++k)
                    std::copy_n(scratch.stages[k / places].output + k % places * OUTPUT, CLASSES,
                                penalties + (first * places + k) * CLASSES);
            }
        };
    });
}

void stages_of_planes(const Network& network, const float* planes, Size plane, Index count,
                      int threads, const Stages& into) {
    const Geometry g(plane);
    const StageSizes sizes(g);
    const Index pixels = plane.rows * plane.columns;
    in_parallel(count, threads, [&] {
        return [&, ink = aligned_floats(pixels)](Index k) {
            const float* const here = planes + k * pixels;
            Stages stages = shifted(into, sizes, k);
            stages.ink = ink.get();
            network.kernels->forward(network.is, *network.parameters, g, 1, &here, &stages, true);
        };
    });
}
