#include <algorithm>
#include <vector>

#include "lines.hpp"

namespace {

using Mask = std::vector<unsigned char>;

// The mask and what lies beside it, across the axis only (1 for beside it in a column) or all round.
Mask spread(const Mask& mask, long height, long width, bool up, bool aside) {
    Mask wide = mask;
    if (aside)
        for (long y = 0; y < height; ++y)
            for (long x = 1; x < width; ++x) {
                wide[y * width + x] |= mask[y * width + x - 1];
                wide[y * width + x - 1] |= mask[y * width + x];
            }
    if (!up) return wide;
    Mask tall = wide;
    for (long k = width; k < height * width; ++k) {
        tall[k] |= wide[k - width];
        tall[k - width] |= wide[k];
    }
    return tall;
}

std::vector<std::int64_t> runs_of(const Mask& mask, long height, long width, int axis) {
    std::vector<std::int64_t> lengths(mask.size());
    measure_runs(mask.data(), height, width, axis, lengths.data());
    return lengths;
}

// Adds the pixels of runs along the axis of at least this length, where they are thin across it.
void add_rules(const Mask& mask, long height, long width, int axis, long length, double thin,
               Mask& rules) {
    const Mask joined = spread(mask, height, width, axis, !axis);  // a slanting line changes rows
    const auto runs = runs_of(joined, height, width, axis);
    bool some = false;
    for (size_t k = 0; k < mask.size() && !some; ++k) some = mask[k] && runs[k] >= length;
    if (!some) return;
    const auto across = runs_of(mask, height, width, 1 - axis);
    for (size_t k = 0; k < mask.size(); ++k)
        rules[k] |= mask[k] && runs[k] >= length && static_cast<double>(across[k]) <= thin;
}

}  // namespace

void take_rules_away(const float* ink, long height, long width, const Ruling& by, float* kept) {
    const long count = height * width;
    Mask mask(count), sides(count), rules(count, 0);
    for (long y = 0; y < height; ++y)
        for (long x = 0; x < width; ++x) {
            const long k = y * width + x;
            mask[k] = ink[k] > by.inked;
            sides[k] = mask[k] && (x < by.edge || width - x <= by.edge);
        }
    add_rules(mask, height, width, 1, by.along, by.thin, rules);
    add_rules(sides, height, width, 0, by.upright, by.thin, rules);
    const Mask soft = spread(rules, height, width, true, true);  // their faint edges too
    for (long k = 0; k < count; ++k)
        kept[k] = soft[k] && !(mask[k] && !rules[k]) ? 0 : ink[k];
}
