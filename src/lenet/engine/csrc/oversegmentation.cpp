#include "oversegmentation.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "line_preparation.hpp"
#include "morphology.hpp"

namespace {

using Order = std::vector<std::int64_t>;

// 0 … count − 1 in the order of their keys, equal ones as they were.
template <class Key>
Order ordered(Index count, const Key& key) {
    Order order(count);
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return key(a) < key(b); });
    return order;
}

// Boxes (count, 4) and ink of the labels 1 … count.
struct Measures {
    std::vector<std::int64_t> boxes;
    std::vector<double> mass;
    Measures(const std::int64_t* labels, const float* ink, Index height, Index width, Index count)
        : boxes(4 * count), mass(count) {
        measure_labels(labels, ink, height, width, count, boxes.data(), mass.data());
    }
    std::int64_t height(std::int64_t k) const { return boxes[4 * k + 2] - boxes[4 * k]; }
    std::int64_t middle(std::int64_t k) const { return boxes[4 * k + 1] + boxes[4 * k + 3]; }
};

// The height that half of the ink is in parts of at most.
double text_height(const Measures& parts, Index least) {
    const auto count = static_cast<Index>(parts.mass.size());
    const Order order = ordered(count, [&](std::int64_t k) { return parts.height(k); });
    std::vector<double> total;
    double sum = 0;
    for (std::int64_t k : order) total.push_back(sum += parts.mass[k]);
    const auto half = std::lower_bound(total.begin(), total.end(), sum / 2) - total.begin();
    return static_cast<double>(std::max<std::int64_t>(least, parts.height(order[half])));
}

// The row of the ink's centre of mass.
Index middle_row(const float* ink, Index height, Index width) {
    double sum = 0, moment = 0;
    for (Index y = 0; y < height; ++y) {
        double own = 0;
        for (Index x = 0; x < width; ++x) own += static_cast<double>(ink[y * width + x]);
        sum += own, moment += own * static_cast<double>(y);
    }
    return static_cast<Index>(moment / sum);
}

// A stretch of one row that no path crosses, of part key / stride.
struct Stretch {
    std::int64_t key;
    Index start, end;  // pixels of the plane
};

// For each segment the one that it joins: slivers their part's nearest, the lightest first.
Order joined(const Order& keys, const std::vector<double>& mass, std::int64_t stride,
             double sliver) {
    const auto count = static_cast<Index>(keys.size());
    Order target(count);
    std::iota(target.begin(), target.end(), 0);
    for (std::int64_t k : ordered(count, [&](std::int64_t n) { return mass[n]; })) {
        if (mass[k] >= sliver) break;
        const auto same = [&](std::int64_t n) {
            return n >= 0 && n < count && keys[n] / stride == keys[k] / stride;
        };
        const bool left = same(k - 1), right = same(k + 1);
        if (left && (!right || mass[k - 1] >= mass[k + 1])) target[k] = k - 1;
        else if (right) target[k] = k + 1;
    }
    for (Order next(count);; target = next) {
        for (Index k = 0; k < count; ++k) {
            next[k] = target[target[k]];
            if (next[k] == k) next[k] = std::min<std::int64_t>(target[k], k);  // a loop of two
        }
        bool done = true;
        for (Index k = 0; k < count; ++k) done = done && target[target[k]] == target[k];
        if (done) return target;
    }
}

// The labels' stretches, in rows from top to bottom.
std::vector<Stretch> stretches_of(const std::int64_t* labels, Index width, const Paths& paths) {
    const std::int64_t stride = paths.count() + 1;
    std::vector<Stretch> found;
    Order columns(paths.count());
    for (Index y = 0; y < paths.height; ++y) {
        for (Index k = 0; k < paths.count(); ++k) columns[k] = paths[k][y];
        std::sort(columns.begin(), columns.end());
        const std::int64_t* const row = labels + y * width;
        Index region = 0;  // paths to the left
        for (Index x = 0; x < width; ++x) {
            if (!row[x]) continue;
            while (region < paths.count() && columns[region] < x) ++region;
            const std::int64_t key = row[x] * stride + region;
            const Index at = y * width + x;
            if (found.empty() || found.back().key != key || found.back().end != at || !x)
                found.push_back({key, at, at});
            found.back().end = at + 1;
        }
    }
    return found;
}

// By how many pixels to either side an upright stroke that stands alone is too thin; 0 for others.
Index lacking(const Segments& of, Index k, const Cutting& by) {
    const std::int64_t* const box = &of.boxes[4 * k];
    const double high = static_cast<double>(box[2] - box[0]), text = of.text_height;
    if (static_cast<double>(box[3] - box[1]) > by.stroke_width * text ||
        high < by.shortest * text || high > by.longest * text ||
        std::count(of.parts.begin(), of.parts.end(), of.parts[k]) != 1)
        return 0;
    return std::max<Index>(0, std::llrint((by.pen * text - of.mass[k] / high) / 2));
}

// Whether a box begins and ends about where the text does, and reaches no edge.
bool is_aligned(const Segments& of, const std::int64_t* box, std::pair<double, double> band,
                const Cutting& by) {
    const double above = std::abs(static_cast<double>(box[0]) - band.first);
    const double below = std::abs(static_cast<double>(box[2]) - band.second);
    return above <= by.tops * of.text_height && below <= by.bottoms * of.text_height &&
           box[0] > 1 && box[1] > 1 && box[2] < of.height - 1 && box[3] < of.width - 1;
}

// Draws a segment `reach` pixels wider to either side, as far as no other lies there.
void widen(Segments& of, Index k, Index reach, float inked) {
    std::int64_t* const box = &of.boxes[4 * k];
    const Index left = std::max<Index>(0, box[1] - reach);
    const Index wide = std::min<Index>(of.width, box[3] + reach) - left;
    std::vector<float> own(wide), drawn(wide);
    double mass = 0;
    for (Index y = box[0]; y < box[2]; ++y) {
        float* const ink = &of.ink[y * of.width + left];
        std::int64_t* const label = &of.labels[y * of.width + left];
        for (Index x = 0; x < wide; ++x) own[x] = label[x] == k + 1 ? ink[x] : 0;
        running_maximum(own.data(), 1, wide, 2 * reach + 1, 1, drawn.data());
        for (Index x = 0; x < wide; ++x) {
            if (drawn[x] > inked && (!label[x] || label[x] == k + 1))
                ink[x] = std::max(ink[x], drawn[x]), label[x] = k + 1;
            if (label[x] == k + 1) mass += static_cast<double>(ink[x]);
        }
    }
    box[1] = left, box[3] = left + wide;
    of.mass[k] = mass;
}

}  // namespace

void thicken_strokes(double tall, const Cutting& by, Segments& of) {
    Order reach, others;  // of the others, the boxes
    for (Index k = 0; k < of.count(); ++k) {
        reach.push_back(lacking(of, k, by));
        if (!reach[k]) others.insert(others.end(), &of.boxes[4 * k], &of.boxes[4 * k] + 4);
    }
    std::pair<double, double> band{of.upper, of.lower};
    if (!others.empty())
        band = band_of(others.data(), static_cast<Index>(others.size()) / 4, tall);
    for (Index k = 0; k < of.count(); ++k)
        if (reach[k] && is_aligned(of, &of.boxes[4 * k], band, by))
            widen(of, k, reach[k], by.inked);
}

std::vector<std::int64_t> divide(const float* ink, Index width, const Paths& paths, double sliver,
                                 std::int64_t* labels) {
    std::vector<Stretch> stretches = stretches_of(labels, width, paths);
    const std::int64_t stride = paths.count() + 1;
    Order keys;
    for (const Stretch& stretch : stretches) keys.push_back(stretch.key);
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::vector<double> mass(keys.size(), 0);
    for (Stretch& stretch : stretches) {
        stretch.key = std::lower_bound(keys.begin(), keys.end(), stretch.key) - keys.begin();
        for (Index at = stretch.start; at < stretch.end; ++at)
            mass[stretch.key] += static_cast<double>(ink[at]);
    }
    const Order target = joined(keys, mass, stride, sliver);
    Order number(keys.size(), 0), parts;
    for (size_t k = 0; k < keys.size(); ++k)
        if (target[k] == static_cast<std::int64_t>(k)) {
            parts.push_back(keys[k] / stride);
            number[k] = static_cast<std::int64_t>(parts.size());
        }
    for (const Stretch& stretch : stretches)
        std::fill(labels + stretch.start, labels + stretch.end, number[target[stretch.key]]);
    return parts;
}

void oversegment(const float* ink, Index height, Index width, const Cutting& by, Segments& into) {
    const Index pixels = height * width;
    std::int64_t* const labels = into.labels.data();
    std::vector<unsigned char> mask(pixels);
    for (Index k = 0; k < pixels; ++k) mask[k] = ink[k] > by.inked;
    const Index whole = label_parts(mask.data(), height, width, labels);
    into.text_height = static_cast<double>(height);
    if (!whole) return;
    const double text = text_height({labels, ink, height, width, whole}, by.min_height);
    into.text_height = text;
    Paths paths = cheapest_paths(ink, height, width, middle_row(ink, height, width),
                                 static_cast<float>(by.max_crossed * text + by.free), by);
    add_notch_paths(ink, width, text, by, paths);
    const double sliver = by.sliver * text * text;
    const Order origin = divide(ink, width, paths, sliver, labels);
    const auto count = static_cast<Index>(origin.size());
    const Measures found(labels, ink, height, width, count);
    Order kept;
    for (std::int64_t k : ordered(count, [&](std::int64_t n) { return -found.mass[n]; }))
        if (found.mass[k] >= sliver && static_cast<Index>(kept.size()) < by.max_segments)
            kept.push_back(k);
    std::sort(kept.begin(), kept.end());
    std::stable_sort(kept.begin(), kept.end(), [&](std::int64_t a, std::int64_t b) {
        return found.middle(a) < found.middle(b);
    });
    Order fresh(count + 1, 0);
    for (std::int64_t k : kept) {
        into.boxes.insert(into.boxes.end(), &found.boxes[4 * k], &found.boxes[4 * k] + 4);
        into.parts.push_back(origin[k]), into.mass.push_back(found.mass[k]);
        fresh[k + 1] = into.count();
    }
    for (Index k = 0; k < pixels; ++k) labels[k] = fresh[labels[k]];
}
