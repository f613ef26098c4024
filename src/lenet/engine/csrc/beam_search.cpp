// The searches for texts; segmentation_graph.cpp adds up their probabilities.
#include "n_best.hpp"

#include <algorithm>

#include "text_tree.hpp"

namespace {

struct Cheapest {
    double price;
    int value;
};

// The lowest of an arc's penalties; that of a digit where both are equal.
Cheapest cheapest(const Arcs& arcs, Index k) {
    const double* const digits = arcs.digits + k * DIGITS;
    const double* const lowest = std::min_element(digits, digits + DIGITS);
    if (*lowest <= arcs.nothing[k]) return {*lowest, static_cast<int>(lowest - digits)};
    return {arcs.nothing[k], NOTHING};
}

// The text of the path with the lowest sum of penalties.
int best_of(const Arcs& arcs, TextTree& texts) {
    std::vector<double> total(arcs.nodes + 1, NO_PATH);
    std::vector<int> text(arcs.nodes + 1, TextTree::EMPTY);
    total[0] = 0;
    for (Index k = 0; k < arcs.count(); ++k) {
        const auto i = arcs.first[k], j = arcs.last[k];
        const Cheapest step = cheapest(arcs, k);
        const double price = total[i] + step.price;
        if (!(price < total[j])) continue;
        total[j] = price;
        text[j] = step.value == NOTHING ? text[i] : texts.longer(text[i], step.value);
    }
    return text[arcs.nodes];
}

// The arcs into each node, in order.
std::vector<std::vector<Index>> arcs_into(const Arcs& arcs) {
    std::vector<std::vector<Index>> into(arcs.nodes + 1);
    for (Index k = 0; k < arcs.count(); ++k) into[arcs.last[k]].push_back(k);
    return into;
}

template <class Entry>
std::vector<int> texts_of(const std::vector<Entry>& entries) {
    std::vector<int> texts;
    for (const Entry& entry : entries) texts.push_back(entry.first);
    return texts;
}

std::vector<int> beam_search(const Arcs& arcs, const Search& search, TextTree& texts) {
    using Entries = std::vector<Sums<double>::Entry>;
    const auto into = arcs_into(arcs);
    const auto likely = [](double price) { return -price; };
    std::vector<Entries> kept(arcs.nodes + 1);
    kept[0] = {{TextTree::EMPTY, 0.0}};
    Sums<double> sums;
    for (Index node = 1; node <= arcs.nodes; ++node) {
        for (const Index k : into[node]) {
            const double* const digits = arcs.digits + k * DIGITS;
            const double other = arcs.nothing[k], dearest = cheapest(arcs, k).price + search.spread;
            for (const auto& [text, price] : kept[arcs.first[k]]) {
                if (other < NO_PATH) {
                    double& sum = sums.of(text, NO_PATH);
                    sum = logadd(sum, price + other);
                }
                for (int v = 0; v < DIGITS; ++v) {
                    if (!(digits[v] <= dearest)) continue;
                    double& sum = sums.of(texts.longer(text, v), NO_PATH);
                    sum = logadd(sum, price + digits[v]);
                }
            }
        }
        const Entries& found = sums.entries();
        kept[node] = found.size() > search.beam ? largest(found, search.beam, likely) : found;
        sums.clear();
    }
    return texts_of(largest(kept.back(), search.beam, likely));
}

std::vector<int> beam_search(const LogProbs& outputs, const Search& search, TextTree& texts) {
    Sums<Ends> sums;
    std::vector<Sums<Ends>::Entry> kept{{TextTree::EMPTY, {NEVER, 0.0}}};
    for (Index place = 0; place < outputs.count; ++place) {
        const float* const log_prob = outputs[place];
        for (const auto& [text, ends] : kept) {
            const double both = ends.both();
            const int last = texts[text].digit;
            Ends& stays = sums.of(text, {});
            if (last >= 0) stays.digit = plus(stays.digit, ends.digit + log_prob[last]);
            stays.fresh = plus(stays.fresh, both + log_prob[NEW]);
            for (int v = 0; v < DIGITS; ++v) {
                if (!(log_prob[v] > search.min_log_prob)) continue;
                Ends& grown = sums.of(texts.longer(text, v), {});
                grown.digit = plus(grown.digit, (v == last ? ends.fresh : both) + log_prob[v]);
            }
        }
        kept = largest(sums.entries(), search.beam, [](const Ends& ends) { return ends.both(); });
        sums.clear();
    }
    return texts_of(kept);
}

}  // namespace

NBest find_n_best(const Arcs& arcs, const LogProbs& outputs, const Search& search) {
    TextTree texts;
    std::vector<int> proposed{best_of(arcs, texts)};
    for (const auto& found :
         {beam_search(arcs, search, texts), beam_search(outputs, search, texts)})
        for (const int text : found)
            if (std::find(proposed.begin(), proposed.end(), text) == proposed.end())
                proposed.push_back(text);
    const Prefixes prefixes(texts, proposed);
    const std::vector<double> penalties = text_penalties(arcs, prefixes);
    const std::vector<double> log_probs = text_log_probs(outputs, prefixes);
    const double all = of_all_paths(arcs);
    NBest found;
    for (const int text : proposed) {
        const int at = prefixes.at[text];
        found.texts.push_back(texts.digits(text));
        found.graph.push_back(all - penalties[at]);
        found.sdnn.push_back(log_probs[at]);
    }
    return found;
}

Index NBest::best(double sdnn_weight, double least) const {
    Index best = 0;
    double most = NEVER;
    for (size_t k = 0; k < texts.size(); ++k) {
        const double sum = std::max(graph[k], least) + sdnn_weight * std::max(sdnn[k], least);
        if (sum > most) most = sum, best = static_cast<Index>(k);
    }
    return best;
}
