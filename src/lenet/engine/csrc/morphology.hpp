// What reading a line does pixel by pixel: the numbers of lenet.preprocessing's numpy, bit for
// bit. Planes lie row by row.
#pragma once
#include <cstdint>
#include <vector>

#include "index.hpp"

// Numbers the 8-connected parts of a mask from 1, in order of their first pixel; returns how many.
std::int64_t label_parts(const unsigned char* mask, Index height, Index width,
                         std::int64_t* labels);

// For each pixel the price of the cheapest path from the top row down to it.
void price_paths(const float* ink, Index height, Index width, float slant_cost, float* prices);

// Fills paths (count, height) in from `row` towards row `end` (excluded), a row at a time by
// `step`, each over the cheapest of three columns; paths[k][row] is where path k starts.
void follow_paths(const float* prices, Index height, Index width, float slant_cost, Index row,
                  Index end, Index step, std::int64_t* paths, Index count);

// Columns become rows.
void turn(const float* plane, Index height, Index width, float* columns);

// The largest of `size` values around each along a row (axis 1) or column (axis 0). An even window
// reaches one farther back than ahead.
void running_maximum(const float* plane, Index height, Index width, Index size, int axis,
                     float* largest);

// Strokes narrower than this filled up: the smallest in squares of the largest in squares.
std::vector<float> closing(const std::vector<float>& plane, Index height, Index width, Index size);

// The sum over the square of odd `size` around each value, as far as it lies inside.
void sum_squares(const float* plane, Index height, Index width, Index size, float* sums);

// Top, left, bottom, right of each label 1 … count, and its ink.
void measure_labels(const std::int64_t* labels, const float* ink, Index height, Index width,
                    std::int64_t count, std::int64_t* boxes, double* mass);

// How ruled lines lie: runs of ink along rows, or along columns near the sides (`edge` columns on
// each), of at least these lengths, that are at most `thin` pixels thick.
struct Ruling {
    float inked;
    Index along, upright, edge, thin;
};

// The ink without ruled lines.
void erase_ruled_lines(const float* ink, Index height, Index width, const Ruling&, float* kept);
