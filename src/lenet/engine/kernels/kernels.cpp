// Compiled once for each instruction set, with ISA and its flags set by CMakeLists.txt.
#include "lanes.hpp"
#include "learning.hpp"

namespace ISA {
namespace {

// Twelve independent chains hide the latency of a multiply-add on every processor we know of.
long multiply_add(long rounds) {
    constexpr int chains = 12;
    Vector<LANES> sum[chains];
    each<chains>([&](auto k) { sum[k] = all<LANES>(0.1f * k); });
    Vector<LANES> factor = all<LANES>(0.999f), term = all<LANES>(0.001f);
    for (long round = 0; round < rounds; ++round)
        each<chains>([&](auto k) {
            sum[k] = sum[k] * factor + term;
            asm volatile("" : "+m"(round));  // or the loop would be worked out at compile time
        });
    alignas(64) static thread_local float kept[LANES];
    each<chains>([&](auto k) { store<LANES>(kept, load<LANES>(kept) + sum[k]); });
    return chains * LANES;
}

}  // namespace

void adamw(float*, float*, float*, const float*, const float*, long, const AdamW&);  // adamw.cpp

void distort(const Distortion&, std::uint64_t, std::uint64_t, const unsigned char*, const float*,
             float*);  // distort.cpp

extern const Kernels KERNELS;
const Kernels KERNELS = {
#define NAME_OF(set) #set
#define NAME(set) NAME_OF(set)
    NAME(ISA), LANES,          sizeof(Trace), sizeof(Room), to_plane,
    forward,   classify_lanes, learn,         curvature,    gradients,
    adamw,     distort,        multiply_add,
};

}  // namespace ISA
