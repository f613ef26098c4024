// What each arc of the segmentation graph costs: lenet/reading/arcs.py and the layer for places.
#pragma once
#include <cstdint>
#include <vector>

#include "n_best.hpp"

constexpr int FRAGMENT = DIGITS, NO_DIGIT = DIGITS + 1, ARC_CLASSES = DIGITS + 2;

// The constants that Python names, in the order of arcs.py's call.
struct ArcConstants {
    double rubbish, least_share, scale, pieces_weigh, nothing_costs, outside;
};

// Candidates: the network's penalties (count × DIGITS), places (count × the layer's), the pieces
// from `first` to before `last`.
struct CandidateArcs {
    const float *penalties, *places;
    const std::int64_t *first, *last;
    long count;
};

struct ArcScores {
    long inputs, units;                      // of the layer; inputs: DIGITS + 1, then places
    std::vector<float> hidden, hidden_bias;  // units × inputs, units
    std::vector<float> output, output_bias;  // ARC_CLASSES × units, ARC_CLASSES
    ArcConstants constants;

    // digits: count × DIGITS penalties; nothing: count, infinite where an arc may not be that.
    void price(const CandidateArcs&, double* digits, double* nothing) const;
};
