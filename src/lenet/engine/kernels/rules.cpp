#include <algorithm>
#include <vector>

#include "lines.hpp"

namespace {

using Mask = std::vector<unsigned char>;

// The mask and what lies beside it: above and below, to the left and right, or both.
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

// For each pixel of the mask how long its run along the axis is; 0 elsewhere.
std::vector<int> run_lengths(const Mask& mask, long height, long width, int axis) {
    std::vector<int> lengths(mask.size(), 0);
    if (axis) {
        for (long y = 0; y < height; ++y)
            for (long k = y * width, start = k; k < (y + 1) * width; ++k, start = k) {
                while (k < (y + 1) * width && mask[k]) ++k;
                std::fill_n(lengths.begin() + start, k - start, static_cast<int>(k - start));
            }
        return lengths;
    }
    for (long x = 0; x < width; ++x) lengths[x] = mask[x];
    for (long y = 1; y < height; ++y) {  // how long it is down to here
        int* const here = &lengths[y * width];
        for (long x = 0; x < width; ++x) here[x] = mask[y * width + x] ? here[x - width] + 1 : 0;
    }
    for (long y = height - 2; y >= 0; --y) {  // and then how long it becomes
        int* const here = &lengths[y * width];
        for (long x = 0; x < width; ++x)
            here[x] = here[x] && here[x + width] ? here[x + width] : here[x];
    }
    return lengths;
}

// Adds the pixels of runs along the axis of at least this length, where they are thin across it.
void add_rules(const Mask& mask, long height, long width, int axis, long length, long thin,
               Mask& rules) {
    const Mask joined = spread(mask, height, width, axis, !axis);  // a slanting line changes rows
    const auto runs = run_lengths(joined, height, width, axis);
    Mask long_ones(mask.size());
    unsigned char some = 0;
    for (size_t k = 0; k < mask.size(); ++k)
        some |= long_ones[k] = mask[k] & static_cast<unsigned char>(runs[k] >= length);
    if (!some) return;
    const auto across = run_lengths(mask, height, width, 1 - axis);
    for (size_t k = 0; k < mask.size(); ++k)
        rules[k] |= long_ones[k] & static_cast<unsigned char>(across[k] <= thin);
}

}  // namespace

void take_rules_away(const float* ink, long height, long width, const Ruling& by, float* kept) {
    const long count = height * width;
    Mask mask(count), sides(count, 0), rules(count, 0);
    for (long k = 0; k < count; ++k) mask[k] = ink[k] > by.inked;
    const long edge = std::min(by.edge, width);
    for (long from = 0; from < count; from += width) {
        std::copy_n(&mask[from], edge, &sides[from]);
        std::copy_n(&mask[from + width - edge], edge, &sides[from + width - edge]);
    }
    add_rules(mask, height, width, 1, by.along, by.thin, rules);
    add_rules(sides, height, width, 0, by.upright, by.thin, rules);
    const Mask soft = spread(rules, height, width, true, true);  // their faint edges too
    for (long k = 0; k < count; ++k)
        kept[k] = soft[k] & (rules[k] | !mask[k]) ? 0 : ink[k];
}
