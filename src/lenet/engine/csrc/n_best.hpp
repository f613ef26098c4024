// Texts of a line: the searches and sums of lenet/lines' segmentation_graph.py, ctc.py and
// combine.py, bit for bit.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "index.hpp"

constexpr int DIGITS = 10, NEW = 10;  // NEW: the class of places where no digit begins
constexpr int NOTHING = -1;           // the value of an arc over ink that is no digit

// A segmentation graph, arcs sorted by their first node; first < last ≤ nodes.
struct Arcs {
    std::vector<std::int64_t> first, last;
    const double* digits;   // arcs × DIGITS penalties
    const double* nothing;  // a penalty each
    Index nodes;

    Index count() const { return static_cast<Index>(first.size()); }
};

// Outputs of the SDNN, places × (DIGITS + 1).
struct LogProbs {
    const float* log_probs;
    Index count;

    const float* operator[](Index place) const { return log_probs + place * (DIGITS + 1); }
};

struct Search {
    std::size_t beam;      // texts kept at each node and place, and found
    double spread;         // penalty above the best of an arc from which a digit is not followed
    double min_log_prob;   // below which a class at a place is not followed
};

// Texts, and their log-probabilities by the graph and by the SDNN.
struct NBest {
    std::vector<std::vector<int>> texts;
    std::vector<double> graph, sdnn;

    // Which text has the highest weighted sum; log-probabilities count for no less than `least`.
    Index best(double sdnn_weight, double least) const;
};

// The best path's text, then the graph's likeliest, then the SDNN's, each once.
NBest find_n_best(const Arcs&, const LogProbs&, const Search&);

// The cheapest path that reads exactly these digits: arcs, and the digit of each or NOTHING.
std::vector<std::pair<Index, int>> cheapest_path(const Arcs&, const std::vector<int>& text);

// For each digit of the text the places, first and last + 1, where the likeliest row has it.
std::vector<std::pair<Index, Index>> align(const LogProbs&, const std::vector<int>& text);
