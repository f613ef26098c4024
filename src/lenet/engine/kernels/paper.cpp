#include "paper.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "resample.hpp"

namespace {

// How far a plane lies below the plane of least squares through it.
std::vector<double> below_its_light(const std::vector<float>& plane, long height, long width) {
    const double middle = static_cast<double>(height - 1) / 2;
    const double centre = static_cast<double>(width - 1) / 2;
    double sum = 0, down = 0, across = 0, high = 0, wide = 0;
    for (long y = 0; y < height; ++y)
        for (long x = 0; x < width; ++x) {
            const double value = static_cast<double>(plane[y * width + x]);
            sum += value;
            down += (static_cast<double>(y) - middle) * value;
            across += (static_cast<double>(x) - centre) * value;
        }
    const auto square = [](double one) { return one * one; };
    for (long y = 0; y < height; ++y) high += square(static_cast<double>(y) - middle);
    for (long x = 0; x < width; ++x) wide += square(static_cast<double>(x) - centre);
    if (high != 0) down /= high * static_cast<double>(width);
    if (wide != 0) across /= wide * static_cast<double>(height);
    const double mean = sum / static_cast<double>(height * width);
    std::vector<double> off(plane.size());
    for (long y = 0; y < height; ++y)
        for (long x = 0; x < width; ++x)
            off[y * width + x] = mean + down * (static_cast<double>(y) - middle) +
                                 across * (static_cast<double>(x) - centre) -
                                 static_cast<double>(plane[y * width + x]);
    return off;
}

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

bool dark_on_light(const float* grey, long height, long width, long thumb, double even) {
    const double longer = static_cast<double>(std::max(height, width));
    const double scale = std::min(1.0, static_cast<double>(thumb) / longer);
    const auto side = [&](long full) {
        return std::max(1L, std::lrint(static_cast<double>(full) * scale));
    };
    const long tall = side(height), broad = side(width);
    std::vector<float> small(tall * broad);
    resample(grey, height, width, tall, broad, Way::box, small.data());
    const std::vector<double> off = below_its_light(small, tall, broad);
    std::vector<double> ordered = off;
    const double usual = median(ordered);
    double darker = 0, lighter = 0;
    for (double value : off) {
        value -= usual;
        (value > 0 ? darker : lighter) += value * value;
    }
    return darker >= lighter - even;
}

float otsu(const float* values, long count, long bins) {
    const auto [low, high] = extremes(values, count);
    const float room = static_cast<float>(bins) * std::numeric_limits<float>::min();
    if (high - low < room) return edges_between(low - 0.5f, low + 0.5f, bins)[1];  // all are one
    const std::vector<float> edges = edges_between(low, high, bins);
    return edges[best_edge(histogram(values, count, edges), edges)];
}
