// Background and ink of a grey plane: preprocessing/digit_ink.py and lines/line_ink.py. Planes
// lie row by row; grey values are 0 … 1.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "index.hpp"

// The constants of digit_ink.py that tell dark strokes from light ones, explained there.
struct Polarity {
    Index thumb, narrow, stroke;
    double clear, even;
};

// The constants of lines/line_ink.py, explained there; thumbnail and bins: digit_ink.py's.
struct Judgement {
    Polarity polarity;
    Index bins;
    float least, paper;
    double grain, faint, most_faint;
};

// The smallest and the largest of at least one value.
std::pair<float, float> extremes(const float* values, Index count);

// Takes the slope of the light away, which is judged in a thumbnail whose longer side has at most
// `thumb` pixels.
void level(float* grey, Index height, Index width, Index thumb);

// Whether the strokes that stand out from the paper are darker than it.
bool dark_on_light(const float* grey, Index height, Index width, const Polarity&);

// The paper's brightness under dark ink: strokes narrower than `field` pixels of the thumbnail
// filled up, then smoothed.
std::vector<float> estimate_background(const float* grey, Index height, Index width, Index thumb,
                                       Index field);

// Otsu's threshold, from a histogram with numpy's edges.
float otsu(const float* values, Index count, Index bins);

// Strength of ink; strokes narrower than the odd `field` do not count as paper.
void find_line_ink(const float* grey, Index height, Index width, Index field, const Judgement&,
                  float* strength);

// The middle of the values, which it reorders, as numpy.median has it.
template <class T>
T median(std::vector<T>& values) {
    const auto middle = values.begin() + static_cast<Index>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2) return *middle;
    return (*std::max_element(values.begin(), middle) + *middle) / 2;
}
