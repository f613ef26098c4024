// A line's ink cut into segments: lines/oversegmentation.py and cuts.py, whose constants come
// along. Planes lie row by row; ink is 0 … 1.
#pragma once
#include <cstdint>
#include <vector>

#include "index.hpp"

struct Cutting {
    float slant_cost, hole_cost, enclosing, flat;
    double barrier;
    Index min_distance;
    float contour;
    double notch, sideways, same;
    float inked, min_crossed;
    double max_crossed, free, sliver;
    Index min_height, max_segments;
    double pen, stroke_width, shortest, longest, tops, bottoms;
};

// Columns from the top row to the bottom one, path after path.
struct Paths {
    Index height;
    std::vector<std::int64_t> columns;
    Index count() const { return static_cast<Index>(columns.size()) / height; }
    const std::int64_t* operator[](Index k) const { return &columns[k * height]; }
};

// The cheapest paths through local minima of their price in this row that cross more than
// `min_crossed` and no more than `max_crossed` pixels of ink.
Paths cheapest_paths(const float* ink, Index height, Index width, Index row, float max_crossed,
                     const Cutting&);

// Adds paths from a notch of the upper contour to one of the lower.
void add_notch_paths(const float* ink, Index width, double text, const Cutting&, Paths&);

// Labels of parts between the paths in the place of the parts' own; returns the part that each
// comes from.
std::vector<std::int64_t> divide(const float* ink, Index width, const Paths&, double sliver,
                                 std::int64_t* labels);

struct Segments;

// Fills in labels (height, width), boxes, parts, masses, and the height of the text.
void oversegment(const float* ink, Index height, Index width, const Cutting&, Segments&);

// Draws 1s of a thin pen thicker; the text's band must be known, and what height is tall.
void thicken_strokes(double tall, const Cutting&, Segments&);
