#include "candidates.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "background.hpp"
#include "resample.hpp"

namespace {

using Box = std::int64_t[4];  // top, left, bottom, right

float quantile(std::vector<float>& values, double fraction) {
    const double place = fraction * static_cast<double>(values.size() - 1);
    const auto below = static_cast<Index>(place);
    const auto at = values.begin() + below;
    std::nth_element(values.begin(), at, values.end());
    if (at + 1 == values.end()) return *at;
    const float above = *std::min_element(at + 1, values.end());
    return *at + static_cast<float>(place - static_cast<double>(below)) * (above - *at);
}

// Where a digit with this mass in each row, or column, begins so that its centre is in the middle.
Index start_of(const std::vector<double>& mass, const Centring& by) {
    double sum = 0, moment = 0;
    for (size_t k = 0; k < mass.size(); ++k)
        sum += mass[k], moment += static_cast<double>(k) * mass[k];
    const Index most_start = by.side - static_cast<Index>(mass.size());
    return std::min(std::max<Index>(0, std::llrint(by.middle - moment / sum)), most_start);
}

float between_0_and_1(float value) { return std::min(std::max(value, 0.0f), 1.0f); }

unsigned char byte_of(float ink) { return static_cast<unsigned char>(std::nearbyint(ink * 255)); }

// What this ink becomes in its square, full where strokes are; empty without a stroke.
std::vector<float> fitted(const float* ink, Index height, Index width, Index tall, Index broad,
                          Way way, const Centring& by) {
    std::vector<float> digit(tall * broad), strokes;
    resample(ink, height, width, tall, broad, way, digit.data());
    for (float& value : digit) value = between_0_and_1(value);
    const float least = by.stroke * *std::max_element(digit.begin(), digit.end());
    std::copy_if(digit.begin(), digit.end(), std::back_inserter(strokes),
                 [&](float value) { return value > least; });
    if (strokes.empty()) return {};
    const float full = quantile(strokes, by.quantile);
    for (float& value : digit) value = between_0_and_1(value / full);
    return digit;
}

// Size and position relative to the text, neighbours, edges (context_features).
void describe(const Segments& is, Index most, Index first, Index last, const std::int64_t* box,
              double mass, std::vector<float>& features) {
    const auto wide = static_cast<double>(is.width), unit = is.text_height;
    const std::int64_t* const boxes = is.boxes.data();
    const auto side = [&](int k) { return static_cast<double>(box[k]); };
    const bool begins = first == 0, ends = last == is.count();
    const double before = begins ? -wide : static_cast<double>(boxes[4 * (first - 1) + 3]);
    const double after = ends ? 2 * wide : static_cast<double>(boxes[4 * last + 1]);
    const auto near = [](double gap) { return std::min(std::max(gap, -1.0), 1.0); };
    const double found[FEATURES] = {
        (side(2) - side(0)) / unit,
        (side(3) - side(1)) / unit,
        (side(0) - is.upper) / unit,
        (side(2) - is.lower) / unit,
        near((side(1) - before) / unit),
        near((after - side(3)) / unit),
        double(!begins && is.parts[first - 1] == is.parts[first]),
        double(!ends && is.parts[last] == is.parts[last - 1]),
        static_cast<double>(last - first) / static_cast<double>(most),
        double(box[0] <= 1 || box[2] >= is.height - 1),
        double(box[1] <= 1 || box[3] >= is.width - 1),
        mass / (unit * unit) * 4,
    };
    for (const double value : found)
        features.push_back(std::min(std::max(static_cast<float>(value), -3.0f), 3.0f));
}

}  // namespace

std::pair<double, double> band_of(const std::int64_t* boxes, Index count, double least) {
    std::vector<double> tops, bottoms;
    for (const bool tall : {true, false}) {
        for (Index k = 0; k < count; ++k) {
            const auto top = static_cast<double>(boxes[4 * k]);
            const auto bottom = static_cast<double>(boxes[4 * k + 2]);
            if (!tall || bottom - top > least) tops.push_back(top), bottoms.push_back(bottom);
        }
        if (!tops.empty()) break;
    }
    return {median(tops), median(bottoms)};
}

bool ink_box(const float* ink, Index height, Index width, float inked, Index* box) {
    box[0] = height, box[1] = width, box[2] = box[3] = 0;
    for (Index y = 0; y < height; ++y)
        for (Index x = 0; x < width; ++x)
            if (ink[y * width + x] >= inked) {
                box[0] = std::min(box[0], y), box[1] = std::min(box[1], x);
                box[2] = y + 1, box[3] = std::max(box[3], x + 1);
            }
    return box[2] > 0;
}

bool centre(const float* ink, Index height, Index width, const Centring& by, unsigned char* image) {
    Index box[4];
    if (!ink_box(ink, height, width, by.inked, box)) return false;
    const Index high = box[2] - box[0], wide = box[3] - box[1];
    std::vector<float> inner(high * wide);
    for (Index y = 0; y < high; ++y)
        std::copy_n(ink + (box[0] + y) * width + box[1], wide, &inner[y * wide]);
    const double scale = static_cast<double>(by.box) / static_cast<double>(std::max(high, wide));
    const Index tall = std::max<Index>(1, std::llrint(static_cast<double>(high) * scale));
    const Index broad = std::max<Index>(1, std::llrint(static_cast<double>(wide) * scale));
    const Way way = scale < 1 ? Way::box : Way::bicubic;
    const std::vector<float> digit = fitted(inner.data(), high, wide, tall, broad, way, by);
    if (digit.empty()) return false;
    std::vector<double> by_row(tall, 0), by_column(broad, 0);
    for (Index y = 0; y < tall; ++y)
        for (Index x = 0; x < broad; ++x) {
            const auto value = static_cast<double>(digit[y * broad + x]);
            by_row[y] += value, by_column[x] += value;
        }
    const Index top = start_of(by_row, by), left = start_of(by_column, by);
    std::fill(image, image + by.side * by.side, 0);
    for (Index y = 0; y < tall; ++y)
        for (Index x = 0; x < broad; ++x)
            image[(top + y) * by.side + left + x] = byte_of(digit[y * broad + x]);
    return true;
}

Candidates list_candidates(const Segments& is, Index most, double widest, const Centring& by) {
    std::vector<double> mass(is.count() + 1, 0);  // of all segments before
    for (Index k = 0; k < is.count(); ++k) mass[k + 1] = mass[k] + is.mass[k];
    Candidates found;
    std::vector<float> ink;
    const Index pixels = by.side * by.side;
    for (Index i = 0; i < is.count(); ++i) {
        Box box = {is.height, is.width, 0, 0};
        for (Index j = i; j < std::min(i + most, is.count()); ++j) {
            const std::int64_t* const own = &is.boxes[4 * j];
            for (int k = 0; k < 2; ++k) {
                box[k] = std::min(box[k], own[k]);
                box[k + 2] = std::max(box[k + 2], own[k + 2]);
            }
            const Index high = box[2] - box[0], wide = box[3] - box[1];
            if (j > i && static_cast<double>(wide) > widest) break;
            ink.assign(high * wide, 0);
            for (Index y = 0; y < high; ++y)
                for (Index x = 0; x < wide; ++x) {
                    const Index at = (box[0] + y) * is.width + box[1] + x;
                    if (is.labels[at] > i && is.labels[at] <= j + 1)
                        ink[y * wide + x] = is.ink[at];
                }
            found.images.resize(found.images.size() + pixels, 0);  // bare if all ink is too faint
            centre(ink.data(), high, wide, by, &found.images[found.images.size() - pixels]);
            found.first.push_back(i), found.last.push_back(j + 1);
            found.boxes.insert(found.boxes.end(), box, box + 4);
            describe(is, most, i, j + 1, box, mass[j + 1] - mass[i], found.context);
        }
    }
    return found;
}

void draw_line_image(const Segments& is, Index top, Index bottom, Index left, Index right,
                     Index tall, Index broad, Index aside, unsigned char* image) {
    const Index wide = right - left, whole = broad + 2 * aside;
    std::vector<float> ink((bottom - top) * wide, 0), small(tall * broad);
    for (Index y = std::max<Index>(top, 0); y < std::min(bottom, is.height); ++y)
        for (Index x = 0; x < wide; ++x) {
            const Index at = y * is.width + left + x;
            if (is.labels[at] > 0) ink[(y - top) * wide + x] = is.ink[at];
        }
    resample(ink.data(), bottom - top, wide, tall, broad, Way::bilinear, small.data());
    std::fill(image, image + tall * whole, 0);
    for (Index y = 0; y < tall; ++y)
        for (Index x = 0; x < broad; ++x)
            image[y * whole + aside + x] = byte_of(between_0_and_1(small[y * broad + x]));
}
