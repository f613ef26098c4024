#include "line_preparation.hpp"

#include <algorithm>
#include <cmath>


namespace {

Index rounded(double value) { return std::llrint(value); }
double real(Index value) { return static_cast<double>(value); }

Ruling ruling_of(Index height, Index width, bool page, const RuleShares& is) {
    const double high = real(height), wide = real(width);
    if (page) {
        const double longer = std::max(high, wide);
        const double length = std::rint(is.page_length * longer);
        const Index least = rounded(std::max(is.page_min_length, length));
        return {is.inked, least, least, width, static_cast<Index>(is.page_thickness * longer)};
    }
    return {is.inked, rounded(std::max(is.length * wide, is.min_length * high)),
            rounded(is.border_height * high), std::max<Index>(2, rounded(is.border_zone * wide)),
            static_cast<Index>(is.thickness * high)};
}

// The line brought to working height, and its scale.
std::vector<float> at_working_height(const float* grey, Index& height, Index& width, double& scale,
                                     const LineSettings& by) {
    scale = std::min(by.working_height / real(height), by.max_width / real(width));
    const Index tall = std::max<Index>(1, rounded(real(height) * scale));
    const Index broad = std::max<Index>(1, rounded(real(width) * scale));
    std::vector<float> line(tall * broad);
    resample(grey, height, width, tall, broad, scale < 0.5 ? Way::box : Way::bicubic, line.data());
    for (float& value : line) value = std::min(std::max(value, 0.0f), 1.0f);
    height = tall, width = broad;
    return line;
}

CutLine cut_once(const float* grey, Index height, Index width, const LineSettings& by) {
    CutLine cut;
    const std::vector<float> line = at_working_height(grey, height, width, cut.frame.scale, by);
    const Index field = static_cast<Index>(by.field * real(height)) | 1;
    cut.segments = segments_of(line_ink(line.data(), height, width, field, false, by), height,
                               width, by);
    return cut;
}

// A box around all segments that are tall.
void tall_box(const Segments& segments, double min_height, std::int64_t* box) {
    const auto is_tall = [&](Index k) {
        const std::int64_t* const own = &segments.boxes[4 * k];
        return real(own[2] - own[0]) > min_height;
    };
    bool some = false;
    for (Index k = 0; k < segments.count(); ++k) some = some || is_tall(k);
    box[0] = segments.height, box[1] = segments.width, box[2] = box[3] = 0;
    for (Index k = 0; k < segments.count(); ++k) {
        if (some && !is_tall(k)) continue;
        for (int side = 0; side < 2; ++side) {
            box[side] = std::min(box[side], segments.boxes[4 * k + side]);
            box[side + 2] = std::max(box[side + 2], segments.boxes[4 * k + side + 2]);
        }
    }
}

}  // namespace

void Frame::to_image(const std::int64_t* box, std::int64_t* into) const {
    for (int side = 0; side < 4; ++side) {
        const double at = static_cast<double>(box[side]) / scale;
        into[side] = static_cast<std::int64_t>(side < 2 ? std::floor(at) : std::ceil(at)) +
                     (side % 2 ? left : top);
    }
}

std::vector<float> line_ink(const float* grey, Index height, Index width, Index field, bool page,
                            const LineSettings& by) {
    std::vector<float> strength(height * width), kept(height * width);
    field = std::min(field, 2 * std::max(height, width) + 1);
    find_line_ink(grey, height, width, field, by.ink, strength.data());
    erase_ruled_lines(strength.data(), height, width, ruling_of(height, width, page, by.rules),
                      kept.data());
    return kept;
}

Segments segments_of(std::vector<float> ink, Index height, Index width, const LineSettings& by) {
    Segments found;
    found.height = height, found.width = width, found.ink = std::move(ink);
    found.labels.resize(height * width);
    oversegment(found.ink.data(), height, width, by.cutting, found);
    if (found.count()) {
        const auto band = band_of(found.boxes.data(), found.count(), by.tall * found.text_height);
        found.upper = band.first, found.lower = band.second;
        thicken_strokes(by.tall * found.text_height, by.cutting, found);
    }
    return found;
}

CutLine cut_line(const float* grey, Index height, Index width, bool closer,
                 const LineSettings& by) {
    CutLine found = cut_once(grey, height, width, by);
    const double text = found.segments.text_height;
    if (!closer || !found.segments.count() || text >= by.min_height) return found;
    std::int64_t tall[4], box[4];
    tall_box(found.segments, by.tall * text, tall);
    found.frame.to_image(tall, box);
    const Index margin = static_cast<Index>(std::ceil(by.margin * text / found.frame.scale));
    const Index top = std::max<Index>(0, static_cast<Index>(box[0]) - margin);
    const Index left = std::max<Index>(0, static_cast<Index>(box[1]) - margin);
    const Index high = std::min(height, static_cast<Index>(box[2]) + margin) - top;
    const Index wide = std::min(width, static_cast<Index>(box[3]) + margin) - left;
    std::vector<float> crop(high * wide);
    for (Index y = 0; y < high; ++y)
        std::copy_n(grey + (top + y) * width + left, wide, &crop[y * wide]);
    found = cut_once(crop.data(), high, wide, by);
    found.frame.top = top, found.frame.left = left;
    return found;
}

Candidates candidates_of(const Segments& from, const LineSettings& by) {
    return list_candidates(from, by.max_joined, by.max_candidate_width * from.text_height,
                           by.centring);
}

LineImage image_of(const Segments& from, const LineSettings& by) {
    const Index high = by.image_height, aside = by.image_margin;
    if (!from.count())
        return {std::vector<unsigned char>(high * 2 * aside), high, 2 * aside, 1.0, 0.0, 0.0};
    const double scale = real(by.image_text_height) / from.text_height;
    Index left = from.width, right = 0;
    for (Index k = 0; k < from.count(); ++k) {
        left = std::min(left, static_cast<Index>(from.boxes[4 * k + 1]));
        right = std::max(right, static_cast<Index>(from.boxes[4 * k + 3]));
    }
    const double middle = (from.upper + from.lower) / 2, half = real(high) / scale / 2;
    const Index top = static_cast<Index>(std::floor(middle - half));
    const Index bottom = static_cast<Index>(std::ceil(middle + half));
    const Index wide = std::max<Index>(1, rounded(real(right - left) * scale));
    LineImage image{std::vector<unsigned char>(high * (wide + 2 * aside)), high, wide + 2 * aside,
                    scale, real(left) - real(aside) / scale, real(top)};
    draw_line_image(from, top, bottom, left, right, high, wide, aside, image.ink.data());
    return image;
}

PartList page_parts(const float* grey, Index height, Index width, Index field,
                    const LineSettings& by) {
    const std::vector<float> ink = line_ink(grey, height, width, field, true, by);
    const Index pixels = height * width;
    std::vector<unsigned char> mask(pixels);
    std::vector<std::int64_t> labels(pixels);
    for (Index k = 0; k < pixels; ++k) mask[k] = ink[k] > by.rules.inked;
    const std::int64_t count = label_parts(mask.data(), height, width, labels.data());
    PartList parts{std::vector<std::int64_t>(4 * count), std::vector<double>(count)};
    measure_labels(labels.data(), ink.data(), height, width, count, parts.boxes.data(),
                   parts.mass.data());
    return parts;
}

std::vector<unsigned char> windows(const float* ink, const std::int64_t* labels, Index height,
                                   Index width, const float* shares, Index tall, Index broad,
                                   Way way, const std::int64_t* places, Index count) {
    constexpr Index SIDE = 28;
    std::vector<float> shown(height * width), small(tall * broad);
    for (Index k = 0; k < height * width; ++k) shown[k] = shares[labels[k]] * ink[k];
    resample(shown.data(), height, width, tall, broad, way, small.data());
    std::vector<unsigned char> seen(count * SIDE * SIDE);
    for (Index k = 0; k < count; ++k) {
        const Index top = places[2 * k], left = places[2 * k + 1];
        const Index first = std::max<Index>(0, -left), end = std::min(SIDE, broad - left);
        for (Index y = std::max<Index>(0, -top); y < std::min(SIDE, tall - top); ++y)
            for (Index x = first; x < end; ++x) {
                const float strength = small[(top + y) * broad + left + x];
                seen[(k * SIDE + y) * SIDE + x] = static_cast<unsigned char>(
                    std::nearbyint(std::min(std::max(strength, 0.0f), 1.0f) * 255));
            }
    }
    return seen;
}
