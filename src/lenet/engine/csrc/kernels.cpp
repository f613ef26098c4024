// Compiled once for each instruction set, with ISA and its flags set by CMakeLists.txt.
#include "lanes.hpp"
#include "learning.hpp"

namespace ISA {
namespace {

void to_plane(const unsigned char* image, const float* byte_to_plane, float* plane) {
    set_all(plane, 32 * 32, PAPER);
    for (int y = 0; y < 28; ++y)
        for (int x = 0; x < 28; ++x) plane[(y + 2) * 32 + x + 2] = byte_to_plane[image[28 * y + x]];
}

// Twelve independent chains hide the latency of a multiply-add on every processor we know of.
Index multiply_add(Index rounds) {
    constexpr int chains = 12;
    Vector<LANES> sum[chains];
    each<chains>([&](auto k) { sum[k] = all<LANES>(0.1f * k); });
    Vector<LANES> factor = all<LANES>(0.999f), term = all<LANES>(0.001f);
    for (Index round = 0; round < rounds; ++round) {
        each<chains>([&](auto k) { sum[k] = sum[k] * factor + term; });
        asm volatile("" : "+r"(round));  // or the compiler would work the loop out
    }
    alignas(64) static thread_local float kept[LANES];
    each<chains>([&](auto k) { store<LANES>(kept, load<LANES>(kept) + sum[k]); });
    return chains * LANES;
}

}  // namespace

void adamw(float*, float*, float*, const float*, const float*, Index, const AdamW&);  // adamw.cpp

void distort(const Distortion&, std::uint64_t, std::uint64_t, const unsigned char*, const float*,
             float*);  // distort.cpp

void graph_penalties(const ConnectionGraph&, const float*, const unsigned char*, const float*,
                     const UnitState&, float*);  // connection_graph.cpp
Index graph_learn(const ConnectionGraph&, float*, const float*, const Samples&, const UnitState&,
                  float*);
void graph_curvature(const ConnectionGraph&, const float*, const Samples&, const UnitState&,
                     float*);

void sdnn_row(const SdnnLayer&, const float*, Index, Index, float*);  // sdnn_layer.cpp

extern const Kernels KERNELS;
const Kernels KERNELS = {
#define NAME_OF(set) #set
#define NAME(set) NAME_OF(set)
    NAME(ISA), LANES, sizeof(ForwardCache), sizeof(Scratch), to_plane, classify, forward,
    classify_lanes, learn, curvature, gradients, adamw, distort, graph_penalties, graph_learn,
    graph_curvature, sdnn_row, multiply_add,
};

}  // namespace ISA
