#include <cmath>
#include <numeric>

#include "morphology.hpp"
#include "background.hpp"

namespace {

using Plane = std::vector<float>;

// Of a plane of 0 and 1: 1 where all of the 3×3 pixels around are.
void shrink(Plane& plane, Index height, Index width) {
    const Index count = height * width;
    Plane rows = plane;
    for (Index k = width; k < count; ++k) rows[k] *= plane[k - width];
    for (Index k = width; k < count; ++k) rows[k - width] *= plane[k];
    plane = rows;
    for (Index y = 0; y < height; ++y) {
        float* const to = &plane[y * width];
        const float* const from = &rows[y * width];
        for (Index x = 1; x < width; ++x) to[x] *= from[x - 1];
        for (Index x = 1; x < width; ++x) to[x - 1] *= from[x];
    }
}

Plane summed(const Plane& plane, Index height, Index width, Index size) {
    Plane sums(plane.size());
    sum_squares(plane.data(), height, width, size, sums.data());
    return sums;
}

// The root mean square of what is bare (1, elsewhere 0); 0 where nothing is.
double spread_of(const Plane& off, const Plane& bare) {
    constexpr size_t SUMS = 8;  // side by side, so that none waits for the one before
    double squares[SUMS] = {}, bared[SUMS] = {};
    const auto add = [&](size_t k, size_t sum) {
        const auto weight = static_cast<double>(bare[k]), away = static_cast<double>(off[k]);
        squares[sum] += weight * (away * away), bared[sum] += weight;
    };
    size_t k = 0;
    for (; k + SUMS <= off.size(); k += SUMS)
        for (size_t sum = 0; sum < SUMS; ++sum) add(k + sum, sum);
    for (; k < off.size(); ++k) add(k, k % SUMS);
    const double count = std::accumulate(bared, bared + SUMS, 0.0);
    return std::sqrt(std::accumulate(squares, squares + SUMS, 0.0) / std::max(count, 1.0));
}

// How much darker than its paper each pixel is, in its place; returns the paper's spread.
double stand_out(Plane& darker, Index height, Index width, Index size, const Judgement& by) {
    const Index count = height * width;
    const Plane closed = closing(darker, height, width, size);
    Plane bare(count), ground(count);
    for (Index k = 0; k < count; ++k) bare[k] = closed[k] - darker[k];
    const float rough = otsu(bare.data(), count, by.bins);
    for (float& value : bare) value = value <= rough ? 1.0f : 0.0f;
    shrink(bare, height, width);
    for (Index k = 0; k < count; ++k) ground[k] = darker[k] * bare[k];
    const Plane sums = summed(ground, height, width, 2 * size + 1);
    const Plane near = summed(bare, height, width, 2 * size + 1);
    for (Index k = 0; k < count; ++k) {
        const float paper = (sums[k] + closed[k] * by.paper) / (near[k] + by.paper);
        darker[k] = paper - darker[k];
    }
    return spread_of(darker, bare);
}

}  // namespace

void find_line_ink(const float* grey, Index height, Index width, Index field, const Judgement& by,
                  float* strength) {
    const Index count = height * width;
    std::fill(strength, strength + count, 0.0f);
    Plane off(grey, grey + count);
    level(off.data(), height, width, by.polarity.thumb);
    if (!dark_on_light(off.data(), height, width, by.polarity))
        for (float& value : off) value = 1 - value;
    const double spread = stand_out(off, height, width, field, by);
    for (float& value : off) value = std::max(value, 0.0f);
    if (extremes(off.data(), count).second < by.least) return;
    const double threshold = static_cast<double>(otsu(off.data(), count, by.bins));
    const auto least = static_cast<float>(std::max(threshold, by.grain * spread));
    Plane inked(count);
    Index some = 0;
    for (float value : off) {  // written always, kept where it counts: no branch to guess
        inked[some] = value;
        some += value > least;
    }
    if (!some) return;
    inked.resize(some);
    const double full = static_cast<double>(median(inked));
    if (full < static_cast<double>(by.least)) return;
    const double faint = std::min(std::max(by.faint * full, by.grain * spread),
                                  by.most_faint * full);
    const auto from = static_cast<float>(faint), range = static_cast<float>(full - faint);
    for (Index k = 0; k < count; ++k)
        strength[k] = std::min(std::max((off[k] - from) / range, 0.0f), 1.0f);
}
