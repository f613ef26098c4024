#include "background.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "morphology.hpp"
#include "resample.hpp"

namespace {

// From −1 … 1, where the k-th of so many pixels side by side has its middle.
double middle_of(Index k, Index count) {
    return static_cast<double>(2 * k + 1) / static_cast<double>(count) - 1;
}

// How fast the means of rows or columns rise, from the middle of the image to its edge.
double slope_of(const std::vector<double>& sums, Index each) {
    const auto count = static_cast<Index>(sums.size());
    double rise = 0, squares = 0;
    for (Index k = 0; k < count; ++k) {
        const double place = middle_of(k, count);
        rise += sums[k] / static_cast<double>(each) * place;
        squares += place * place;
    }
    return rise / std::max(squares, 1e-9);
}

// The plane shrunk so that its longer side has at most `thumb` pixels, but its shorter one keeps
// `narrow`.
struct Thumbnail {
    Index height, width;
    std::vector<float> plane;
    Thumbnail(const float* grey, Index high, Index wide, Index thumb, Index narrow = 0) {
        const double longer = static_cast<double>(std::max(high, wide));
        const double shorter = static_cast<double>(std::min(high, wide));
        const double scale = std::min(1.0, std::max(static_cast<double>(thumb) / longer,
                                                    static_cast<double>(narrow) / shorter));
        height = std::max<Index>(1, std::llrint(static_cast<double>(high) * scale));
        width = std::max<Index>(1, std::llrint(static_cast<double>(wide) * scale));
        plane.resize(height * width);
        resample(grey, high, wide, height, width, Way::box, plane.data());
    }
};

// A plane with a margin: what lies beyond the edge is at `place(k, count)`.
template <class Place>
std::vector<float> padded(const Thumbnail& small, Index margin, Place place) {
    const Index high = small.height + 2 * margin, wide = small.width + 2 * margin;
    std::vector<float> planes(high * wide);
    for (Index y = 0; y < high; ++y)
        for (Index x = 0; x < wide; ++x)
            planes[y * wide + x] = small.plane[place(y - margin, small.height) * small.width +
                                               place(x - margin, small.width)];
    return planes;
}

// Sums of squares of how much darker than `usual` a plane is: all of it, and its strokes, which
// are narrower than `stroke` and stand out from what is around them.
struct Energy {
    double all = 0, strokes = 0;
    Energy(const Thumbnail& small, float usual, Index stroke) {
        const Index margin = stroke - 1, wide = small.width + 2 * margin;
        const auto at_edge = [](Index k, Index count) {
            return std::clamp<Index>(k, 0, count - 1);
        };
        const std::vector<float> filled = closing(padded(small, margin, at_edge),
                                                  small.height + 2 * margin, wide, stroke);
        for (Index y = 0; y < small.height; ++y)
            for (Index x = 0; x < small.width; ++x) {
                const float value = small.plane[y * small.width + x];
                const float off = std::max(usual - value, 0.0f);
                const float around = filled[(y + margin) * wide + x + margin] - value;
                const auto stands = static_cast<double>(std::min(off, around));
                all += static_cast<double>(off) * static_cast<double>(off);
                strokes += stands * stands;
            }
    }
};

// numpy.linspace(low, high, bins + 1).
std::vector<float> edges_between(float low, float high, Index bins) {
    std::vector<float> edges(bins + 1, high);
    const float step = (high - low) / static_cast<float>(bins);
    for (Index k = 0; k < bins; ++k) edges[k] = static_cast<float>(k) * step + low;
    return edges;
}

// How many values lie between neighbouring edges, as numpy.histogram counts them.
std::vector<std::int64_t> histogram(const float* values, Index count,
                                    const std::vector<float>& edges) {
    constexpr Index TOGETHER = 512;  // so that divisions run side by side
    constexpr Index APART = 4;       // sums, so that no count waits for the one before
    const Index bins = static_cast<Index>(edges.size()) - 1;
    const float low = edges[0], range = edges[bins] - low, most = static_cast<float>(bins);
    std::vector<float> ends(edges.begin() + 1, edges.end());
    ends.back() = std::numeric_limits<float>::infinity();
    std::vector<std::int64_t> sums(bins * APART, 0), counts(bins, 0);
    int found[TOGETHER];
    for (Index start = 0; start < count; start += TOGETHER) {
        const float* const from = values + start;
        const Index these = std::min(TOGETHER, count - start);
        for (Index k = 0; k < these; ++k)
            found[k] = static_cast<int>((from[k] - low) / range * most);
        for (Index k = 0; k < these; ++k) {
            const Index bin = std::min<Index>(found[k], bins - 1);
            const Index moved = bin - (from[k] < edges[bin]) + (from[k] >= ends[bin]);
            ++sums[moved * APART + k % APART];
        }
    }
    for (Index k = 0; k < bins * APART; ++k) counts[k / APART] += sums[k];
    return counts;
}

// Which edge parts the counted values into two classes of least spread.
Index best_edge(const std::vector<std::int64_t>& counts, const std::vector<float>& edges) {
    const Index bins = static_cast<Index>(counts.size());
    std::vector<double> totals(bins);
    std::int64_t all = 0;
    double total = 0;
    for (Index k = 0; k < bins; ++k) {
        all += counts[k];
        totals[k] = total += static_cast<double>(counts[k]) *
                             static_cast<double>((edges[k + 1] + edges[k]) / 2);
    }
    std::int64_t below = 0;
    double most = -1;
    Index best = 0;
    for (Index k = 0; k < bins; ++k) {
        below += counts[k];
        const double lead = total * static_cast<double>(below) -
                            totals[k] * static_cast<double>(all);
        const double between = lead * lead / static_cast<double>(below * (all - below));
        if (std::isfinite(between) && between > most) most = between, best = k;
    }
    return best + 1;
}

}  // namespace

std::pair<float, float> extremes(const float* values, Index count) {
    constexpr Index LANES = 8;
    float low[LANES], high[LANES];
    std::fill(low, low + LANES, values[0]);
    std::fill(high, high + LANES, values[0]);
    const auto meet = [&](Index lane, float value) {
        low[lane] = value < low[lane] ? value : low[lane];
        high[lane] = value > high[lane] ? value : high[lane];
    };
    Index k = 0;
    for (; k + LANES <= count; k += LANES)
        for (Index lane = 0; lane < LANES; ++lane) meet(lane, values[k + lane]);
    for (; k < count; ++k) meet(0, values[k]);
    return {*std::min_element(low, low + LANES), *std::max_element(high, high + LANES)};
}

void level(float* grey, Index height, Index width, Index thumb) {
    const Thumbnail small(grey, height, width, thumb);
    std::vector<double> by_row(small.height, 0), by_column(small.width, 0);
    for (Index y = 0; y < small.height; ++y)
        for (Index x = 0; x < small.width; ++x) {
            const auto value = static_cast<double>(small.plane[y * small.width + x]);
            by_row[y] += value, by_column[x] += value;
        }
    const double down = slope_of(by_row, small.width), across = slope_of(by_column, small.height);
    std::vector<double> aside(width);
    for (Index x = 0; x < width; ++x) aside[x] = across * middle_of(x, width);
    for (Index y = 0; y < height; ++y) {
        const double own = down * middle_of(y, height);
        float* const row = grey + y * width;
        for (Index x = 0; x < width; ++x)
            row[x] = static_cast<float>(static_cast<double>(row[x]) - (own + aside[x]));
    }
}

bool dark_on_light(const float* grey, Index height, Index width, const Polarity& by) {
    Thumbnail small(grey, height, width, by.thumb, by.narrow);
    level(small.plane.data(), small.height, small.width, by.thumb);
    std::vector<float> ordered = small.plane;
    const float usual = median(ordered);
    const Energy dark(small, usual, by.stroke);
    for (float& value : small.plane) value = -value;
    const Energy light(small, -usual, by.stroke);
    const double clear = by.clear * static_cast<double>(small.plane.size());
    if (std::max(dark.strokes, light.strokes) < clear) return dark.all >= light.all - by.even;
    return dark.strokes >= light.strokes - by.even;
}

std::vector<float> estimate_background(const float* grey, Index height, Index width, Index thumb,
                                       Index field) {
    const Thumbnail small(grey, height, width, thumb);
    const Index margin = field - 1, high = small.height + 2 * margin;
    const Index wide = small.width + 2 * margin;
    const auto mirrored = [](Index k, Index count) {  // numpy.pad's "symmetric"
        k = (k % (2 * count) + 2 * count) % (2 * count);
        return k < count ? k : 2 * count - 1 - k;
    };
    std::vector<float> inner(small.plane.size()), found(height * width);
    const std::vector<float> filled = closing(padded(small, margin, mirrored), high, wide, field);
    for (Index y = 0; y < small.height; ++y)
        std::copy_n(&filled[(y + margin) * wide + margin], small.width, &inner[y * small.width]);
    resample(inner.data(), small.height, small.width, height, width, Way::bilinear, found.data());
    return found;
}

float otsu(const float* values, Index count, Index bins) {
    const auto [low, high] = extremes(values, count);
    const float needed = static_cast<float>(bins) * std::numeric_limits<float>::min();
    if (high - low < needed) return edges_between(low - 0.5f, low + 0.5f, bins)[1];  // all are one
    const std::vector<float> edges = edges_between(low, high, bins);
    return edges[best_edge(histogram(values, count, edges), edges)];
}
