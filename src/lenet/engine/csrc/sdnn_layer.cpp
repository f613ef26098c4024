// One row of a layer of the SDNN, compiled once for each instruction set.
#include "vectors.hpp"
#include "sdnn_layer.hpp"

namespace ISA {
namespace {

// `places` neighbouring places of some vectors of maps, from the one at `offset` on.
template <int n, int vectors, int places>
INLINE void tile(const SdnnLayer& is, const float* from, Index step, Index offset, float* to) {
    Vector<n> sum[places][vectors];
    each<places>([&](auto p) {
        each<vectors>([&](auto v) { sum[p][v] = load<n>(is.bias + offset + v * n); });
    });
    const float* weight = is.weights + offset;
    const Index run = is.columns * is.inputs;
    for (Index row = 0; row < is.rows; ++row, from += step)
        for (Index k = 0; k < run; ++k, weight += is.width) {
            Vector<n> w[vectors];
            each<vectors>([&](auto v) { w[v] = load<n>(weight + v * n); });
            each<places>([&](auto p) {
                const float input = from[k + p * is.inputs];
                each<vectors>([&](auto v) { sum[p][v] += w[v] * input; });
            });
        }
    const Vector<n> least = all<n>(is.least);
    each<places>([&](auto p) {
        each<vectors>([&](auto v) {
            store<n>(to + p * is.width + offset + v * n, sum[p][v] > least ? sum[p][v] : least);
        });
    });
}

template <int n, int vectors, int places>
INLINE void dozen(const SdnnLayer& is, const float* from, Index step, Index offset, float* to) {
    static_assert(DOZEN % places == 0, "tiles fill a dozen");
    for (int p = 0; p < DOZEN; p += places)
        tile<n, vectors, places>(is, from + p * is.inputs, step, offset, to + p * is.width);
}

// A row with registers of n floats.
template <int n>
INLINE void row_of(const SdnnLayer& is, const float* from, Index step, Index count, float* to) {
    constexpr int tall = REGISTERS >= 32 ? DOZEN : DOZEN / 2;  // what two vectors leave scratch for
    for (Index p = 0; p < count; p += DOZEN, from += DOZEN * is.inputs, to += DOZEN * is.width) {
        Index m = 0;
        for (; m + 2 * n <= is.width; m += 2 * n) dozen<n, 2, tall>(is, from, step, m, to);
        if (m < is.width) dozen<n, 1, DOZEN>(is, from, step, m, to);
    }
}

}  // namespace

void sdnn_row(const SdnnLayer& is, const float* from, Index step, Index count, float* to) {
    if (is.width % LANES) row_of<8>(is, from, step, count, to);
    else row_of<LANES>(is, from, step, count, to);
}

}  // namespace ISA
