// The searches for texts; what is found is weighed in sums.cpp.
#include "n_best.hpp"

#include <algorithm>

#include "text_tree.hpp"

namespace {

struct Cheapest {
    double price;
    int value;
};

// The lowest of an arc's penalties; that of a digit where both are equal.
Cheapest cheapest(const Arcs& arcs, long k) {
    const double* const digits = arcs.digits + k * DIGITS;
    const double* const lowest = std::min_element(digits, digits + DIGITS);
    if (*lowest <= arcs.nothing[k]) return {*lowest, static_cast<int>(lowest - digits)};
    return {arcs.nothing[k], NOTHING};
}

// What the path of the lowest sum of penalties says.
int best_of(const Arcs& arcs, Texts& texts) {
    std::vector<double> total(arcs.nodes + 1, NO_PATH);
    std::vector<int> said(arcs.nodes + 1, Texts::EMPTY);
    total[0] = 0;
    for (long k = 0; k < arcs.count(); ++k) {
        const auto i = arcs.first[k], j = arcs.last[k];
        const Cheapest step = cheapest(arcs, k);
        const double price = total[i] + step.price;
        if (!(price < total[j])) continue;
        total[j] = price;
        said[j] = step.value == NOTHING ? said[i] : texts.longer(said[i], step.value);
    }
    return said[arcs.nodes];
}

// The arcs into each node, in order.
std::vector<std::vector<long>> arcs_into(const Arcs& arcs) {
    std::vector<std::vector<long>> into(arcs.nodes + 1);
    for (long k = 0; k < arcs.count(); ++k) into[arcs.last[k]].push_back(k);
    return into;
}

template <class Entry>
std::vector<int> texts_of(const std::vector<Entry>& entries) {
    std::vector<int> texts;
    for (const Entry& entry : entries) texts.push_back(entry.first);
    return texts;
}

std::vector<int> likeliest(const Arcs& arcs, const Search& search, Texts& texts) {
    using Entries = std::vector<Sums<double>::Entry>;
    const auto into = arcs_into(arcs);
    const auto likely = [](double price) { return -price; };
    std::vector<Entries> kept(arcs.nodes + 1);
    kept[0] = {{Texts::EMPTY, 0.0}};
    Sums<double> sums;
    for (long node = 1; node <= arcs.nodes; ++node) {
        for (const long k : into[node]) {
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
        kept[node] = found.size() > search.most ? largest(found, search.most, likely) : found;
        sums.clear();
    }
    return texts_of(largest(kept.back(), search.most, likely));
}

std::vector<int> likeliest(const Places& places, const Search& search, Texts& texts) {
    Sums<Ends> sums;
    std::vector<Sums<Ends>::Entry> kept{{Texts::EMPTY, {NEVER, 0.0}}};
    for (long place = 0; place < places.count; ++place) {
        const float* const share = places.shares + place * (DIGITS + 1);
        for (const auto& [text, ends] : kept) {
            const double both = ends.both();
            const int last = texts[text].digit;
            Ends& stays = sums.of(text, {});
            if (last >= 0) stays.digit = plus(stays.digit, ends.digit + share[last]);
            stays.fresh = plus(stays.fresh, both + share[NEW]);
            for (int v = 0; v < DIGITS; ++v) {
                if (!(share[v] > search.least)) continue;
                Ends& grown = sums.of(texts.longer(text, v), {});
                grown.digit = plus(grown.digit, (v == last ? ends.fresh : both) + share[v]);
            }
        }
        kept = largest(sums.entries(), search.most, [](const Ends& ends) { return ends.both(); });
        sums.clear();
    }
    return texts_of(kept);
}

}  // namespace

Proposed propose(const Arcs& arcs, const Places& places, const Search& search) {
    Texts texts;
    std::vector<int> proposed{best_of(arcs, texts)};
    for (const auto& found : {likeliest(arcs, search, texts), likeliest(places, search, texts)})
        for (const int text : found)
            if (std::find(proposed.begin(), proposed.end(), text) == proposed.end())
                proposed.push_back(text);
    const Prefixes prefixes(texts, proposed);
    const std::vector<double> cut = saying(arcs, prefixes), wide = saying(places, prefixes);
    const double all = of_all_paths(arcs);
    Proposed found;
    for (const int text : proposed) {
        const int at = prefixes.at[text];
        found.texts.push_back(texts.digits(text));
        found.cut.push_back(all - cut[at]);
        found.wide.push_back(wide[at]);
    }
    return found;
}
