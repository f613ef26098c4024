#include "inference.hpp"

#include "parallel.hpp"

namespace {

// The same place in the stages of plane k.
Stages shifted(const Stages& stages, const StageSizes& sizes, long k) {
    const long* of = sizes.of;
    return {stages.c1 + k * of[0], stages.s2 + k * of[1], stages.c3 + k * of[2],
            stages.s4 + k * of[3], stages.c5 + k * of[4], stages.f6 + k * of[5],
            stages.output + k * of[6]};
}

// Room for a worker's planes and their stages, C1 and C3 with the two rows that sub-sampling needs.
struct Room {
    Aligned<float> memory;
    float* planes;
    Stages stages[TOGETHER];

    Room(const Geometry& g, long count) {
        const long side_by_side = count < TOGETHER ? count : TOGETHER;
        StageSizes sizes(g);
        sizes.of[0] = 2 * g.c1.columns * C1;
        sizes.of[2] = 2 * g.c3.columns * C3;
        long total = g.plane.rows * g.plane.columns;
        for (long size : sizes.of) total += size;
        memory = aligned_floats(side_by_side * total);
        planes = memory.get();
        float* at = planes + side_by_side * g.plane.rows * g.plane.columns;
        Stages first{};
        float** parts[] = {&first.c1, &first.s2, &first.c3,    &first.s4,
                           &first.c5, &first.f6, &first.output};
        for (int k = 0; k < 7; at += side_by_side * sizes.of[k++]) *parts[k] = at;
        for (int k = 0; k < side_by_side; ++k) stages[k] = shifted(first, sizes, k);
    }
};

constexpr long BLOCK = 16;  // planes a worker takes at a time, a multiple of TOGETHER and of lanes

// Planes first … end − 1, TOGETHER at a time. find(k, room) gives plane k, which may be laid into
// room; give(k, output) takes its penalties.
template <class Find, class Give>
void walk(const Network& network, const Geometry& g, Room& room, long first, long end, Find find,
          Give give) {
    for (; first < end; first += TOGETHER) {
        const int here = static_cast<int>(end - first < TOGETHER ? end - first : TOGETHER);
        const float* planes[TOGETHER];
        for (int k = 0; k < here; ++k)
            planes[k] = find(first + k, room.planes + k * g.plane.rows * g.plane.columns);
        network.kernels->forward(network.is, *network.parameters, g, here, planes, room.stages,
                                 false);
        for (int k = 0; k < here; ++k) give(first + k, room.stages[k].output);
    }
}

long blocks(long count) { return (count + BLOCK - 1) / BLOCK; }
long block_end(long block, long count) {
    return (block + 1) * BLOCK < count ? (block + 1) * BLOCK : count;
}

}  // namespace

void penalties_of_images(const Network& network, const unsigned char* images, const float* tone,
                         long count, int threads, float* penalties) {
    const Kernels& kernels = *network.kernels;
    const Geometry g({32, 32});
    in_parallel(blocks(count), threads, [&] {
        const size_t crowd = count < kernels.lanes ? 0 : kernels.room_bytes / sizeof(float);
        return [&, room = Room(g, count), lanes = aligned_floats(crowd)](long block) mutable {
            const long end = block_end(block, count);
            long k = block * BLOCK;
            for (; k + kernels.lanes <= end; k += kernels.lanes)
                kernels.classify_lanes(network.is, *network.parameters, network.table,
                                       images + k * 28 * 28, tone, lanes.get(),
                                       penalties + k * CLASSES);
            walk(
                network, g, room, k, end,
                [&](long k, float* plane) {
                    kernels.to_plane(images + k * 28 * 28, tone, plane);
                    return plane;
                },
                [&](long k, const float* output) {
                    for (int c = 0; c < CLASSES; ++c) penalties[k * CLASSES + c] = output[c];
                });
        };
    });
}

void penalties_of_planes(const Network& network, const float* planes, Size plane, long count,
                         int threads, float* penalties) {
    const Geometry g(plane);
    in_parallel(blocks(count), threads, [&] {
        return [&, room = Room(g, count)](long block) mutable {
            walk(
                network, g, room, block * BLOCK, block_end(block, count),
                [&](long k, float*) { return planes + k * plane.rows * plane.columns; },
                [&](long k, const float* output) {
                    for (long place = 0; place < g.places(); ++place)
                        for (int c = 0; c < CLASSES; ++c)
                            penalties[(k * g.places() + place) * CLASSES + c] =
                                output[place * OUTPUT + c];
                });
        };
    });
}

void stages_of_planes(const Network& network, const float* planes, Size plane, long count,
                      int threads, const Stages& into) {
    const Geometry g(plane);
    const StageSizes sizes(g);
    in_parallel(count, threads, [&] {
        return [&](long k) {
            const float* const here = planes + k * plane.rows * plane.columns;
            const Stages stages = shifted(into, sizes, k);
            network.kernels->forward(network.is, *network.parameters, g, 1, &here, &stages, true);
        };
    });
}
