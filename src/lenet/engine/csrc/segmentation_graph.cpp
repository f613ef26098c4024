// Sums over all paths of a graph and over all rows of SDNN outputs; one text's best path and row.
#include <algorithm>

#include "n_best.hpp"
#include "text_tree.hpp"

// For each text the logadd of all its paths.
std::vector<double> text_penalties(const Arcs& arcs, const Prefixes& prefixes) {
    const size_t count = prefixes.size();
    std::vector<double> total((arcs.nodes + 1) * count, NO_PATH);
    total[0] = 0;
    for (Index k = 0; k < arcs.count(); ++k) {
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
    return {total.end() - static_cast<Index>(count), total.end()};
}

// For each text the log-probability of all its rows.
std::vector<double> text_log_probs(const LogProbs& outputs, const Prefixes& prefixes) {
    std::vector<Ends> ends(prefixes.size());
    for (Index place = 0; place < outputs.count; ++place) {
        const float* const log_prob = outputs[place];
        for (size_t p = prefixes.size(); p-- > 0;) {  // a text before its beginnings change
            const double digit = ends[p].digit, fresh = ends[p].fresh;
            const bool first = place == 0;
            ends[p].fresh = (first ? (p ? NEVER : 0) : plus(fresh, digit)) + log_prob[NEW];
            if (!p) continue;
            const int begin = prefixes.begin[p], value = prefixes.digit[p];
            double came = first ? (begin ? NEVER : 0) : plus(digit, ends[begin].fresh);
            if (value != prefixes.digit[begin]) came = plus(came, ends[begin].digit);
            ends[p].digit = came + log_prob[value];
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
    for (Index k = 0; k < arcs.count(); ++k) {
        double sum = NEVER;
        for (int v = 0; v < DIGITS; ++v) sum = plus(sum, -arcs.digits[k * DIGITS + v]);
        const double arc = -plus(sum, -arcs.nothing[k]);
        total[arcs.last[k]] = logadd(total[arcs.last[k]], total[arcs.first[k]] + arc);
    }
    return total.back();
}

std::vector<std::pair<Index, int>> cheapest_path(const Arcs& arcs, const std::vector<int>& text) {
    const size_t n = text.size(), row = n + 1;
    std::vector<double> total((arcs.nodes + 1) * row, NO_PATH);
    std::vector<std::pair<Index, int>> came(total.size(), {-1, NOTHING});
    total[0] = 0;
    for (Index k = 0; k < arcs.count(); ++k) {
        const double* const from = total.data() + arcs.first[k] * row;
        for (size_t read = 0; read <= n; ++read) {
            double price = from[read] + arcs.nothing[k];
            int value = NOTHING;
            if (read) {
                const double other = from[read - 1] + arcs.digits[k * DIGITS + text[read - 1]];
                if (other < price) price = other, value = text[read - 1];
            }
            const size_t to = arcs.last[k] * row + read;
            if (price < total[to]) total[to] = price, came[to] = {k, value};
        }
    }
    std::vector<std::pair<Index, int>> path;
    for (size_t node = arcs.nodes, read = n; came[node * row + read].first >= 0;) {
        path.push_back(came[node * row + read]);
        node = arcs.first[path.back().first];
        read -= path.back().second != NOTHING;
    }
    std::reverse(path.begin(), path.end());
    return path;
}

std::vector<std::pair<Index, Index>> align(const LogProbs& outputs, const std::vector<int>& text) {
    const Index states = 2 * static_cast<Index>(text.size()) + 1;  // NEW, a digit, NEW, …
    const auto value = [&](Index s) { return s % 2 ? text[s / 2] : NEW; };
    std::vector<double> total(states, NEVER), next(states);
    std::vector<int> came(outputs.count * states, 0);  // how many states back
    for (Index s = 0; s < std::min<Index>(states, 2); ++s)
        total[s] = static_cast<double>(outputs[0][value(s)]);
    for (Index place = 1; place < outputs.count; ++place) {
        for (Index s = 0; s < states; ++s) {
            const bool skips = s % 2 && s >= 2 && value(s) != value(s - 2);
            const double options[3] = {total[s], s ? total[s - 1] : NEVER,
                                       skips ? total[s - 2] : NEVER};
            const double* const best = std::max_element(options, options + 3);
            came[place * states + s] = static_cast<int>(best - options);
            next[s] = *best + static_cast<double>(outputs[place][value(s)]);
        }
        std::swap(total, next);
    }
    Index state = states - 1 - (states > 1 && total[states - 2] > total[states - 1]);
    std::vector<std::pair<Index, Index>> found(text.size(), {0, 0});
    for (Index place = outputs.count - 1; place >= 0; --place) {
        if (state % 2) {
            auto& span = found[state / 2];
            span = {place, span.second ? span.second : place + 1};
        }
        state -= came[place * states + state];
    }
    return found;
}
