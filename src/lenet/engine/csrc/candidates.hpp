// From the segments of a line to what the networks see: preprocessing/prepare.py and
// lines/candidates.py, whose constants come along. Planes lie row by row; ink is 0 … 1.
#pragma once
#include <cstdint>
#include <utility>
#include <vector>

#include "index.hpp"

// A line's ink cut into segments, left to right; labels are 0 or 1 + the segment's number.
struct Segments {
    Index height = 0, width = 0;
    std::vector<float> ink;
    std::vector<std::int64_t> labels, boxes, parts;  // boxes: count × 4; parts: components
    std::vector<double> mass;
    double text_height = 0, upper = 0, lower = 0;  // of the text; its band
    Index count() const { return static_cast<Index>(mass.size()); }
};

// Segments first … last − 1 in a box, as an image, with their context.
struct Candidates {
    std::vector<std::int64_t> first, last, boxes;
    std::vector<unsigned char> images;
    std::vector<float> context;
    Index count() const { return static_cast<Index>(first.size()); }
};
constexpr Index FEATURES = 12;

// How a digit is centred in side × side pixels; `box`: of the square that it fits.
struct Centring {
    Index side, box;
    float inked, stroke;  // from which strength on it is a stroke, and of its strongest
    double middle, quantile;
};

// The median top and bottom of the boxes (count, 4) that are higher than `least`, or of all.
std::pair<double, double> band_of(const std::int64_t* boxes, Index count, double least);

// What surrounds the pixels of at least this strength, top, left, bottom, right; false for none.
bool ink_box(const float* ink, Index height, Index width, float inked, Index* box);

// Whether there is ink to centre; the image is written only then.
bool centre(const float* ink, Index height, Index width, const Centring&, unsigned char* image);

// All unions of up to `most` neighbours that are no wider than `widest`, in pixels.
Candidates list_candidates(const Segments&, Index most, double widest, const Centring&);

// All segments' ink within these rows (some may lie outside) and columns, brought to tall × broad
// bytes in an image with `aside` bare columns on either side.
void draw_line_image(const Segments&, Index top, Index bottom, Index left, Index right, Index tall,
                     Index broad, Index aside, unsigned char* image);
