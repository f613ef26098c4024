// What each arc of the segmentation graph costs: lines/segmentation_graph.py and the context
// layer.
#pragma once
#include <cstdint>
#include <vector>

#include "n_best.hpp"

constexpr int FRAGMENT = DIGITS, NO_DIGIT = DIGITS + 1, ARC_CLASSES = DIGITS + 2;

// The constants of lines/line_weights.py and segmentation_graph.py.
struct ArcConstants {
    double rubbish, min_log_prob, scale, segment_weight, nothing_cost, outside;
};

// Candidates: the network's penalties (count × DIGITS), context (count × the layer's),
// the segments from `first` to before `last`.
struct CandidateArcs {
    const float *penalties, *context;
    const std::int64_t *first, *last;
    Index count;
};

struct ArcScores {
    Index inputs, units;                     // of the layer; inputs: DIGITS + 1, then context
    std::vector<float> hidden, hidden_bias;  // units × inputs, units
    std::vector<float> output, output_bias;  // ARC_CLASSES × units, ARC_CLASSES
    ArcConstants constants;

    // digits: count × DIGITS penalties; nothing: count, infinite where an arc may not be that.
    void price(const CandidateArcs&, double* digits, double* nothing) const;
};
