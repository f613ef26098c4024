#include "background.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "morphology.hpp"
#include "resample.hpp"

namespace {

// From −1 … 1, where the k-th of so many pixels side by side has its middle.
double middle_of(long k, long count) {
    return static_cast<double>(2 * k + 1) / static_cast<double>(count) - 1;
}

// How fast the means of rows or columns rise, from the middle of the image to its edge.
double slope_of(const std::vector<double>& sums, long each) {
    const auto count = static_cast<long>(sums.size());
    double rise = 0, squares = 0;
    for (long k = 0; k < count; ++k) {
        const double place = middle_of(k, count);
        rise += sums[k] / static_cast<double>(each) * place;
        squares += place * place;
    }
    return rise / std::max(squares, 1e-9);
}

// The plane shrunk so that its longer side has at most `thumb` pixels.
struct Thumbnail {
    long height, width;
    std::vector<float> plane;
    Thumbnail(const float* grey, long high, long wide, long thumb) {
        const double longer = static_cast<double>(std::max(high, wide));
        const double scale = std::min(1.0, static_cast<double>(thumb) / longer);
        height = std::max(1L, std::lrint(static_cast<double>(high) * scale));
        width = std::max(1L, std::lrint(static_cast<double>(wide) * scale));
        plane.resize(height * width);
        resample(grey, high, wide, height, width, Way::box, plane.data());
    }
};

// numpy.linspace(low, high, bins + 1).
std::vector<float> edges_between(float low, float high, long bins) {
    std::vector<float> edges(bins + 1, high);
    const float step = (high - low) / static_cast<float>(bins);
    for (long k = 0; k < bins; ++k) edges[k] = static_cast<float>(k) * step + low;
    return edges;
}

// How many values lie between neighbouring edges, as numpy.histogram counts them.
std::vector<std::int64_t> histogram(const float* values, long count,
                                    const std::vector<float>& edges) {
    constexpr long TOGETHER = 512;  // so that divisions run side by side
    constexpr long APART = 4;       // sums, so that no count waits for the one before
    const long bins = static_cast<long>(edges.size()) - 1;
    const float low = edges[0], range = edges[bins] - low, most = static_cast<float>(bins);
    std::vector<float> ends(edges.begin() + 1, edges.end());
    ends.back() = std::numeric_limits<float>::infinity();
    std::vector<std::int64_t> sums(bins * APART, 0), counts(bins, 0);
    int found[TOGETHER];
    for (long start = 0; start < count; start += TOGETHER) {
        const float* const from = values + start;
        const long these = std::min(TOGETHER, count - start);
        for (long k = 0; k < these; ++k)
            found[k] = static_cast<int>((from[k] - low) / range * most);
        for (long k = 0; k < these; ++k) {
            const long bin = std::min<long>(found[k], bins - 1);
            const long moved = bin - (from[k] < edges[bin]) + (from[k] >= ends[bin]);
            ++sums[moved * APART + k % APART];
        }
    }
    for (long k = 0; k < bins * APART; ++k) counts[k / APART] += sums[k];
    return counts;
}

// Which edge parts the counted values into two classes of least spread.
long best_edge(const std::vector<std::int64_t>& counts, const std::vector<float>& edges) {
    const long bins = static_cast<long>(counts.size());
    std::vector<double> totals(bins);
    std::int64_t all = 0;
    double total = 0;
    for (long k = 0; k < bins; ++k) {
        all += counts[k];
        totals[k] = total += static_cast<double>(counts[k]) *
                             static_cast<double>((edges[k + 1] + edges[k]) / 2);
    }
    std::int64_t below = 0;
    double most = -1;
    long best = 0;
    for (long k = 0; k < bins; ++k) {
        below += counts[k];
        const double lead = total * static_cast<double>(below) -
                            totals[k] * static_cast<double>(all);
        const double between = lead * lead / static_cast<double>(below * (all - below));
        if (std::isfinite(between) && between > most) most = between, best = k;
    }
    return best + 1;
}

}  // namespace

std::pair<float, float> extremes(const float* values, long count) {
    constexpr long LANES = 8;
    float low[LANES], high[LANES];
    std::fill(low, low + LANES, values[0]);
    std::fill(high, high + LANES, values[0]);
    const auto meet = [&](long lane, float value) {
        low[lane] = value < low[lane] ? value : low[lane];
        high[lane] = value > high[lane] ? value : high[lane];
    };
    long k = 0;
    for (; k + LANES <= count; k += LANES)
        for (long lane = 0; lane < LANES; ++lane) meet(lane, values[k + lane]);
    for (; k < count; ++k) meet(0, values[k]);
    return {*std::min_element(low, low + LANES), *std::max_element(high, high + LANES)};
}

void level(float* grey, long height, long width, long thumb) {
    const Thumbnail small(grey, height, width, thumb);
    std::vector<double> by_row(small.height, 0), by_column(small.width, 0);
    for (long y = 0; y < small.height; ++y)
        for (long x = 0; x < small.width; ++x) {
            const auto value = static_cast<double>(small.plane[y * small.width + x]);
            by_row[y] += value, by_column[x] += value;
        }
    const double down = slope_of(by_row, small.width), across = slope_of(by_column, small.height);
    std::vector<double> aside(width);
    for (long x = 0; x < width; ++x) aside[x] = across * middle_of(x, width);
    for (long y = 0; y < height; ++y) {
        const double own = down * middle_of(y, height);
        float* const row = grey + y * width;
        for (long x = 0; x < width; ++x)
            row[x] = static_cast<float>(static_cast<double>(row[x]) - (own + aside[x]));
    }
}

bool dark_on_light(const float* grey, long height, long width, long thumb, double even) {
    Thumbnail small(grey, height, width, thumb);
    level(small.plane.data(), small.height, small.width, thumb);
    std::vector<float> ordered = small.plane;
    const float usual = median(ordered);
    double darker = 0, lighter = 0;
    for (float value : small.plane) {
        const auto off = static_cast<double>(usual - value);
        (off > 0 ? darker : lighter) += off * off;
    }
    return darker >= lighter - even;
}

std::vector<float> estimate_background(const float* grey, long height, long width, long thumb,
                                       long field) {
    const Thumbnail small(grey, height, width, thumb);
    const long margin = field - 1, high = small.height + 2 * margin;
    const long wide = small.width + 2 * margin;
    const auto mirrored = [](long k, long count) {  // numpy.pad's "symmetric"
        k = (k % (2 * count) + 2 * count) % (2 * count);
        return k < count ? k : 2 * count - 1 - k;
    };
    std::vector<float> padded(high * wide), inner(small.plane.size()), found(height * width);
    for (long y = 0; y < high; ++y)
        for (long x = 0; x < wide; ++x)
            padded[y * wide + x] = small.plane[mirrored(y - margin, small.height) * small.width +
                                               mirrored(x - margin, small.width)];
    const std::vector<float> filled = closing(padded, high, wide, field);
    for (long y = 0; y < small.height; ++y)
        std::copy_n(&filled[(y + margin) * wide + margin], small.width, &inner[y * small.width]);
    resample(inner.data(), small.height, small.width, height, width, Way::bilinear, found.data());
    return found;
}

float otsu(const float* values, long count, long bins) {
    const auto [low, high] = extremes(values, count);
    const float room = static_cast<float>(bins) * std::numeric_limits<float>::min();
    if (high - low < room) return edges_between(low - 0.5f, low + 0.5f, bins)[1];  // all are one
    const std::vector<float> edges = edges_between(low, high, bins);
    return edges[best_edge(histogram(values, count, edges), edges)];
}
