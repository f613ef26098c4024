// Sums over all paths of a graph and all rows of places, and the cheapest path of one text.
#include <algorithm>

#include "n_best.hpp"
#include "text_tree.hpp"

// For each text the logadd of all paths that say it.
std::vector<double> saying(const Arcs& arcs, const Prefixes& prefixes) {
    const size_t count = prefixes.size();
    std::vector<double> total((arcs.nodes + 1) * count, NO_PATH);
    total[0] = 0;
    for (long k = 0; k < arcs.count(); ++k) {
        const double* const from = total.data() + arcs.first[k] * count;
        double* const to = total.data() + arcs.last[k] * count;
        for (size_t p = 0; p < count; ++p) {
            if (p) {
                const double penalty = arcs.digits[k * DIGITS + prefixes.digit[p]];
                to[p] = logadd(to[p], from[prefixes.begin[p]] + penalty);
            }
            if (arcs.nothing[k] < NO_PATH) to[p] = logadd(to[p], from[p] + arcs.nothing[k]);
        }
    }
    return {total.end() - static_cast<long>(count), total.end()};
}

// For each text the log-probability of all rows that say it.
std::vector<double> saying(const Places& places, const Prefixes& prefixes) {
    std::vector<Ends> ends(prefixes.size());
    for (long place = 0; place < places.count; ++place) {
        const float* const share = places.shares + place * (DIGITS + 1);
        for (size_t p = prefixes.size(); p-- > 0;) {  // a text before its beginnings change
            const double digit = ends[p].digit, fresh = ends[p].fresh;
            const bool first = place == 0;
            ends[p].fresh = (first ? (p ? NEVER : 0) : plus(fresh, digit)) + share[NEW];
            if (!p) continue;
            const int begin = prefixes.begin[p], value = prefixes.digit[p];
            double came = first ? (begin ? NEVER : 0) : plus(digit, ends[begin].fresh);
            if (value != prefixes.digit[begin]) came = plus(came, ends[begin].digit);
            ends[p].digit = came + share[value];
        }
    }
    std::vector<double> sums;
    for (const Ends& one : ends) sums.push_back(plus(one.fresh, one.digit));
    return sums;
}

// The logadd of all paths.
double of_all_paths(const Arcs& arcs) {
    std::vector<double> total(arcs.nodes + 1, NO_PATH);
    total[0] = 0;
    for (long k = 0; k < arcs.count(); ++k) {
        double sum = NEVER;
        for (int v = 0; v < DIGITS; ++v) sum = plus(sum, -arcs.digits[k * DIGITS + v]);
        const double arc = -plus(sum, -arcs.nothing[k]);
        total[arcs.last[k]] = logadd(total[arcs.last[k]], total[arcs.first[k]] + arc);
    }
    return total.back();
}

std::vector<std::pair<long, int>> cheapest_path(const Arcs& arcs, const std::vector<int>& text) {
    const size_t n = text.size(), row = n + 1;
    std::vector<double> total((arcs.nodes + 1) * row, NO_PATH);
    std::vector<std::pair<long, int>> came(total.size(), {-1, NOTHING});
    total[0] = 0;
    for (long k = 0; k < arcs.count(); ++k) {
        const double* const from = total.data() + arcs.first[k] * row;
        for (size_t said = 0; said <= n; ++said) {
            double price = from[said] + arcs.nothing[k];
            int value = NOTHING;
            if (said) {
                const double other = from[said - 1] + arcs.digits[k * DIGITS + text[said - 1]];
                if (other < price) price = other, value = text[said - 1];
            }
            const size_t to = arcs.last[k] * row + said;
            if (price < total[to]) total[to] = price, came[to] = {k, value};
        }
    }
    std::vector<std::pair<long, int>> path;
    for (size_t node = arcs.nodes, said = n; came[node * row + said].first >= 0;) {
        path.push_back(came[node * row + said]);
        node = arcs.first[path.back().first];
        said -= path.back().second != NOTHING;
    }
    std::reverse(path.begin(), path.end());
    return path;
}
