#include <algorithm>
#include <vector>

#include "morphology.hpp"

namespace {

using Mask = std::vector<unsigned char>;

// The mask and what lies beside it: above and below, to the left and right, or both.
Mask spread(const Mask& mask, Index height, Index width, bool up, bool aside) {
    Mask wide = mask;
    if (aside)
        for (Index y = 0; y < height; ++y)
            for (Index x = 1; x < width; ++x) {
                wide[y * width + x] |= mask[y * width + x - 1];
                wide[y * width + x - 1] |= mask[y * width + x];
            }
    if (!up) return wide;
    Mask tall = wide;
    for (Index k = width; k < height * width; ++k) {
        tall[k] |= wide[k - width];
        tall[k - width] |= wide[k];
    }
    return tall;
}

// The pixels in runs along rows of at least this length; whether there are any.
bool long_across(const Mask& mask, Index height, Index width, Index length, Mask& found) {
    bool some = false;
    for (Index from = 0; from < height * width; from += width)
        for (Index x = 0, start = 0; x < width; start = ++x) {
            while (x < width && mask[from + x]) ++x;
            if (x - start < length) continue;
            std::fill_n(&found[from + start], x - start, static_cast<unsigned char>(1));
            some = true;
        }
    return some;
}

// The same along columns.
bool long_down(const Mask& mask, Index height, Index width, Index length, Mask& found) {
    bool some = false;
    std::vector<int> runs(width, 0);  // how long each column's is, down to here
    for (Index y = 0; y < height; ++y) {
        const unsigned char* const row = &mask[y * width];
        int longest = 0;
        for (Index x = 0; x < width; ++x) {
            runs[x] = (runs[x] + 1) & -static_cast<int>(row[x]);
            longest = std::max(longest, runs[x]);
        }
        if (longest < length) continue;
        some = true;
        for (Index x = 0; x < width; ++x)
            for (Index up = runs[x] == length ? length : runs[x] > length; up > 0; --up)
                found[(y + 1 - up) * width + x] = 1;
    }
    return some;
}

// Adds the pixels of runs along the axis of at least this length, where they are thin across it.
void add_rules(const Mask& mask, Index height, Index width, int axis, Index length, Index thin,
               Mask& rules) {
    const Mask joined = spread(mask, height, width, axis, !axis);  // a slanting line changes rows
    const auto along = axis ? long_across : long_down, across = axis ? long_down : long_across;
    Mask runs(mask.size(), 0), thick(mask.size(), 0);
    if (!along(joined, height, width, length, runs)) return;
    across(mask, height, width, thin + 1, thick);
    for (size_t k = 0; k < mask.size(); ++k)
        rules[k] |= static_cast<unsigned char>(mask[k] & runs[k] & (thick[k] ^ 1));
}

}  // namespace

void erase_ruled_lines(const float* ink, Index height, Index width, const Ruling& by, float* kept) {
    const Index count = height * width;
    Mask mask(count), sides(count, 0), rules(count, 0);
    for (Index k = 0; k < count; ++k) mask[k] = ink[k] > by.inked;
    const Index edge = std::min(by.edge, width);
    for (Index from = 0; from < count; from += width) {
        std::copy_n(&mask[from], edge, &sides[from]);
        std::copy_n(&mask[from + width - edge], edge, &sides[from + width - edge]);
    }
    add_rules(mask, height, width, 1, by.along, by.thin, rules);
    add_rules(sides, height, width, 0, by.upright, by.thin, rules);
    const Mask soft = spread(rules, height, width, true, true);  // their faint edges too
    for (Index k = 0; k < count; ++k)
        kept[k] = soft[k] & (rules[k] | !mask[k]) ? 0 : ink[k];
}
