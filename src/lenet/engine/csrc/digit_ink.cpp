#include "digit_ink.hpp"

#include <algorithm>
#include <vector>

#include "background.hpp"
#include "morphology.hpp"

namespace {

using Mask = std::vector<unsigned char>;

// For each part, 0 … count, whether it keeps off the plane's edge.
Mask interior(const std::vector<std::int64_t>& labels, Index height, Index width, Index count) {
    Mask inside(count + 1, 1);
    for (Index x = 0; x < width; ++x)
        inside[labels[x]] = inside[labels[(height - 1) * width + x]] = 0;
    for (Index y = 0; y < height; ++y)
        inside[labels[y * width]] = inside[labels[y * width + width - 1]] = 0;
    return inside;
}

// Erases ink that is not the digit's: the largest part and what is near it and no speck.
void keep_digit(const Mask& inked, Index height, Index width, const DigitSettings& by,
                std::vector<float>& ink) {
    const Index pixels = height * width;
    Mask mask(pixels);
    for (Index k = 0; k < pixels; ++k) mask[k] = ink[k] > 0;
    std::vector<std::int64_t> labels(pixels);
    const std::int64_t count = label_parts(mask.data(), height, width, labels.data());
    std::vector<std::int64_t> sizes(count + 1, 0), inner(count + 1), boxes(4 * count);
    std::vector<double> mass(count);
    for (Index k = 0; k < pixels; ++k) sizes[labels[k]] += inked[k];
    sizes[0] = 0;
    const Mask inside = interior(labels, height, width, count);
    for (std::int64_t k = 0; k <= count; ++k) inner[k] = sizes[k] * inside[k];
    const auto most = [](const std::vector<std::int64_t>& of) {
        return static_cast<double>(*std::max_element(of.begin(), of.end()));
    };
    if (most(inner) >= by.speck * most(sizes)) sizes = inner;
    measure_labels(labels.data(), ink.data(), height, width, count, boxes.data(), mass.data());
    const auto largest = std::max_element(sizes.begin(), sizes.end()) - sizes.begin();
    const double least = std::max(1.0, by.speck * most(sizes));
    const std::int64_t* const own = largest ? &boxes[4 * (largest - 1)] : nullptr;
    Mask keep(count + 1, 0);
    for (std::int64_t k = 1; k <= count && own; ++k) {
        if (static_cast<double>(sizes[k]) < least) continue;
        const std::int64_t* const other = &boxes[4 * (k - 1)];
        const auto gap = [&](int side) {
            return std::max(other[side] - own[side + 2], own[side] - other[side + 2]) + 1;
        };
        const std::int64_t longer = std::max(own[2] - own[0], own[3] - own[1]) - 1;
        const double reach = by.near * static_cast<double>(longer) + 1;
        keep[k] = static_cast<double>(std::max(gap(0), gap(1))) <= reach;
    }
    for (Index k = 0; k < pixels; ++k) ink[k] *= keep[labels[k]];
}

// Strength of the digit's ink, 0 … 1; nothing where no ink stands out.
std::vector<float> digit_ink(const float* grey, Index height, Index width,
                             const DigitSettings& by) {
    const Index pixels = height * width;
    std::vector<float> strength(grey, grey + pixels), strokes;
    level(strength.data(), height, width, by.polarity.thumb);
    if (!dark_on_light(strength.data(), height, width, by.polarity))
        for (float& value : strength) value = 1 - value;
    const std::vector<float> paper =
        estimate_background(strength.data(), height, width, by.polarity.thumb, by.field);
    for (Index k = 0; k < pixels; ++k) strength[k] = std::max(paper[k] - strength[k], 0.0f);
    if (extremes(strength.data(), pixels).second < static_cast<float>(by.least)) return {};
    const float threshold = otsu(strength.data(), pixels, by.bins);
    Mask inked(pixels);
    for (Index k = 0; k < pixels; ++k) {
        inked[k] = strength[k] > threshold;
        if (inked[k]) strokes.push_back(strength[k]);
    }
    const double full = strokes.empty() ? 0 : static_cast<double>(median(strokes));
    if (full < by.least) return {};
    const double faint = static_cast<double>(threshold) / 4;  // half-covered pixels lie above it
    const auto from = static_cast<float>(faint), range = static_cast<float>(full - faint);
    for (float& value : strength) value = std::min(std::max((value - from) / range, 0.0f), 1.0f);
    keep_digit(inked, height, width, by, strength);
    return strength;
}

}  // namespace

bool prepare_digit(const float* grey, Index height, Index width, const DigitSettings& by,
                   unsigned char* image, Index* box) {
    const std::vector<float> ink = digit_ink(grey, height, width, by);
    return !ink.empty() && ink_box(ink.data(), height, width, by.centring.inked, box) &&
           centre(ink.data(), height, width, by.centring, image);
}
