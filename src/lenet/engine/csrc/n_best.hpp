// What a line says: the searches and sums of lenet/reading's graph.py and frames.py, bit for bit.
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

constexpr int DIGITS = 10, NEW = 10;  // NEW: the class of places where no digit begins
constexpr int NOTHING = -1;           // what an arc over ink that is no digit says

// A segmentation graph, arcs sorted by their first node; first < last ≤ nodes.
struct Arcs {
    std::vector<std::int64_t> first, last;
    const double* digits;   // arcs × DIGITS penalties
    const double* nothing;  // a penalty each
    long nodes;

    long count() const { return static_cast<long>(first.size()); }
};

// Log-probabilities of the wide-input network, places × (DIGITS + 1).
struct Places {
    const float* shares;
    long count;
};

struct Search {
    std::size_t most;  // texts kept at each node and place, and found
    double spread;     // penalty above the best of an arc from which a digit is not followed
    double least;      // log-probability below which a class at a place is not followed
};

// Texts, and the log-probabilities that the graph and the wide-input network give them.
struct Proposed {
    std::vector<std::vector<int>> texts;
    std::vector<double> cut, wide;
};

// The best path's text, then the likeliest of the graph, then those of the places, each once.
Proposed propose(const Arcs&, const Places&, const Search&);

// The cheapest path that says exactly these digits: arcs, and the digit of each or NOTHING.
std::vector<std::pair<long, int>> cheapest_path(const Arcs&, const std::vector<int>& text);
