#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "morphology.hpp"
#include "oversegmentation.hpp"

namespace {

constexpr float INFINITE = std::numeric_limits<float>::infinity();

// Of minima with hardly a barrier between them only the lowest.
std::vector<Index> prominent(const std::vector<float>& values, const std::vector<Index>& places,
                             double barrier, Index apart) {
    std::vector<Index> kept;
    for (Index place : places) {
        if (!kept.empty()) {
            Index& before = kept.back();
            const float between = *std::max_element(&values[before], &values[place] + 1);
            const float higher = std::max(values[before], values[place]);
            const double rise = static_cast<double>(between) - static_cast<double>(higher);
            if (rise < barrier || place - before < apart) {
                if (values[place] < values[before]) before = place;
                continue;
            }
        }
        kept.push_back(place);
    }
    return kept;
}

// The middles of the local minima that are not above the max_cost.
std::vector<Index> minima(const std::vector<float>& values, float max_cost, double barrier,
                          const Cutting& by) {
    const Index count = static_cast<Index>(values.size());
    std::vector<Index> places;
    float before = INFINITE;
    for (Index start = 0, end; start < count; start = end) {
        for (end = start + 1; end < count; ++end)
            if (std::fabs(values[end] - values[end - 1]) > by.flat) break;
        const float own = values[start], after = end < count ? values[end] : INFINITE;
        if (own < before && own < after && own <= max_cost)
            places.push_back((start + end - 1) / 2);
        before = own;
    }
    return prominent(values, places, barrier, by.min_distance);
}

// The ink, and a cost for what it encloses.
std::vector<float> with_holes(const float* ink, Index height, Index width, const Cutting& by) {
    const Index count = height * width;
    std::vector<unsigned char> bare(count);
    std::vector<std::int64_t> ground(count);
    for (Index k = 0; k < count; ++k) bare[k] = ink[k] <= by.enclosing;
    const std::int64_t parts =
        label_parts(bare.data(), height, width, ground.data());
    std::vector<unsigned char> inside(parts + 1, 1);
    inside[0] = 0;
    for (Index x = 0; x < width; ++x)
        inside[ground[x]] = inside[ground[count - width + x]] = 0;
    for (Index y = 0; y < height; ++y)
        inside[ground[y * width]] = inside[ground[(y + 1) * width - 1]] = 0;
    std::vector<float> cost(ink, ink + count);
    for (Index k = 0; k < count; ++k)
        if (inside[ground[k]]) cost[k] = std::max(cost[k], by.hole_cost);
    return cost;
}

std::vector<float> upside_down(const std::vector<float>& plane, Index height, Index width) {
    std::vector<float> turned(plane.size());
    for (Index y = 0; y < height; ++y)
        std::copy_n(&plane[y * width], width, &turned[(height - 1 - y) * width]);
    return turned;
}

// A straight line from a notch above to one below, a column for each row.
std::vector<std::int64_t> straight(Index height, Index left, Index right, double top,
                                   double bottom) {
    std::vector<std::int64_t> path(height);
    const auto from = static_cast<double>(left), to = static_cast<double>(right);
    const double slope = (to - from) / (bottom - top);
    for (Index y = 0; y < height; ++y) {
        const auto row = static_cast<double>(y);
        const double at = row <= top ? from : row >= bottom ? to : slope * (row - top) + from;
        path[y] = std::llrint(at);
    }
    return path;
}

bool differs(const std::int64_t* one, const std::int64_t* other, Index top, Index bottom,
             double same) {
    std::int64_t apart = 0;
    for (Index y = top; y <= bottom; ++y) apart += std::abs(one[y] - other[y]);
    return static_cast<double>(apart) / static_cast<double>(bottom - top + 1) > same;
}

}  // namespace

Paths cheapest_paths(const float* ink, Index height, Index width, Index row, float max_cost,
                     const Cutting& by) {
    const std::vector<float> cost = with_holes(ink, height, width, by);
    std::vector<float> down(cost.size()), up(cost.size());
    const std::vector<float> turned = upside_down(cost, height, width);
    price_paths(cost.data(), height, width, by.slant_cost, down.data());
    price_paths(turned.data(), height, width, by.slant_cost, up.data());
    up = upside_down(up, height, width);
    std::vector<float> through(width);
    for (Index x = 0; x < width; ++x)
        through[x] = down[row * width + x] + up[row * width + x] - cost[row * width + x];
    Paths paths{height, {}};
    for (Index place : minima(through, max_cost, by.barrier, by))
        if (through[place] > by.min_crossed) {
            paths.columns.resize(paths.columns.size() + height, 0);
            paths.columns[paths.columns.size() - height + row] = place;
        }
    std::int64_t* const at = paths.columns.data();
    follow_paths(down.data(), height, width, by.slant_cost, row, -1, -1, at, paths.count());
    follow_paths(up.data(), height, width, by.slant_cost, row, height, 1, at, paths.count());
    return paths;
}

void add_notch_paths(const float* ink, Index width, double text, const Cutting& by, Paths& paths) {
    const Index height = paths.height;
    std::vector<float> upper(width, static_cast<float>(-height)), lower(width, -1);
    for (Index y = 0; y < height; ++y)
        for (Index x = 0; x < width; ++x)
            if (ink[y * width + x] > by.contour) {
                upper[x] = std::max(upper[x], static_cast<float>(-y));
                lower[x] = static_cast<float>(y);
            }
    const auto bare = [&](Index x) { return lower[x] < 0; };
    std::vector<Index> below = minima(lower, INFINITE, by.notch * text, by);
    below.erase(std::remove_if(below.begin(), below.end(), bare), below.end());
    if (below.empty()) return;
    for (Index x : minima(upper, INFINITE, by.notch * text, by)) {
        if (bare(x)) continue;
        const auto nearer = [&](Index one, Index other) {
            return std::abs(one - x) < std::abs(other - x);
        };
        const Index end = *std::min_element(below.begin(), below.end(), nearer);
        const Index top = static_cast<Index>(-upper[x]), bottom = static_cast<Index>(lower[end]);
        if (static_cast<double>(std::abs(end - x)) > by.sideways * text || bottom <= top) continue;
        const auto path = straight(height, x, end, static_cast<double>(top),
                                   static_cast<double>(bottom));
        bool is_new = true;
        for (Index k = 0; k < paths.count() && is_new; ++k)
            is_new = differs(path.data(), paths[k], top, bottom, by.same);
        if (is_new) paths.columns.insert(paths.columns.end(), path.begin(), path.end());
    }
}
