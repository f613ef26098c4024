// A line's ink cut into segments: lines/oversegmentation.py and cuts.py, whose constants come
// along. Planes lie row by row; ink is 0 … 1.
#pragma once
#include <cstdint>
#include <vector>

struct Cutting {
    float slant_cost, hole_cost, enclosing, flat;
    double barrier;
    long min_distance;
    float contour;
    double notch, sideways, same;
    float inked, min_crossed;
    double max_crossed, free, sliver;
    long min_height, max_segments;
};

// Columns from the top row to the bottom one, path after path.
struct Paths {
    long height;
    std::vector<std::int64_t> columns;
    long count() const { return static_cast<long>(columns.size()) / height; }
    const std::int64_t* operator[](long k) const { return &columns[k * height]; }
};

// The cheapest paths through local minima of their price in this row that cross more than
// `min_crossed` and no more than `max_crossed` pixels of ink.
Paths cheapest_paths(const float* ink, long height, long width, long row, float max_crossed,
                     const Cutting&);

// Adds paths from a notch of the upper contour to one of the lower.
void add_notch_paths(const float* ink, long width, double text, const Cutting&, Paths&);

// Labels of parts between the paths in the place of the parts' own; returns the part that each
// comes from.
std::vector<std::int64_t> divide(const float* ink, long width, const Paths&, double sliver,
                                 std::int64_t* labels);

struct Segments;

// Fills in labels (height, width), boxes, parts, masses, and the height of the text.
void oversegment(const float* ink, long height, long width, const Cutting&, Segments&);
