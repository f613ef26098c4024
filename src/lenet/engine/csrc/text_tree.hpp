// TextTree that a search goes through, each kept once, and what it knows of each.
#pragma once
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "n_best.hpp"

constexpr double NEVER = -std::numeric_limits<double>::infinity();
constexpr double NO_PATH = -NEVER;  // as a penalty

// log(e^a + e^b).
inline double plus(double a, double b) {
    if (a < b) std::swap(a, b);
    return b == NEVER ? a : a + std::log1p(std::exp(b - a));
}

// The same of penalties: −log(e^−a + e^−b).
inline double logadd(double a, double b) { return -plus(-a, -b); }

// A tree of texts: text 0 is the empty one, every other one is an earlier one and a digit.
class TextTree {
   public:
    static constexpr int EMPTY = 0;
    struct Text {
        int begin, digit;    // the text without its last digit; that digit, or −1
        int longer[DIGITS];  // by another digit; EMPTY where there is none yet
    };

    int longer(int text, int digit) {
        if (all_[text].longer[digit] == EMPTY) {
            all_[text].longer[digit] = static_cast<int>(all_.size());
            all_.push_back({text, digit, {}});
        }
        return all_[text].longer[digit];
    }
    const Text& operator[](int text) const { return all_[text]; }
    int size() const { return static_cast<int>(all_.size()); }

    std::vector<int> digits(int text) const {
        std::vector<int> found;
        for (; text != EMPTY; text = all_[text].begin) found.push_back(all_[text].digit);
        return {found.rbegin(), found.rend()};
    }

   private:
    std::vector<Text> all_{{EMPTY, -1, {}}};
};

// A sum for each text, in the order in which they came.
template <class Sum>
class Sums {
   public:
    using Entry = std::pair<int, Sum>;

    Sum& of(int text, Sum none) {
        if (text >= static_cast<int>(at_.size())) at_.resize(text + 1, -1);
        if (at_[text] < 0) {
            at_[text] = static_cast<int>(entries_.size());
            entries_.emplace_back(text, none);
        }
        return entries_[at_[text]].second;
    }
    void clear() {
        for (const Entry& entry : entries_) at_[entry.first] = -1;
        entries_.clear();
    }
    const std::vector<Entry>& entries() const { return entries_; }

   private:
    std::vector<Entry> entries_;
    std::vector<int> at_;
};

// The `most` entries of the largest worth, the largest first; of equal ones the earlier.
template <class Entry, class Worth>
std::vector<Entry> largest(const std::vector<Entry>& entries, size_t most, Worth worth) {
    std::vector<Entry> kept;
    std::vector<double> worths;
    for (const Entry& entry : entries) {
        const double here = worth(entry.second);
        size_t k = kept.size();
        while (k > 0 && worths[k - 1] < here) --k;
        if (k == most) continue;
        kept.insert(kept.begin() + k, entry);
        worths.insert(worths.begin() + k, here);
        if (kept.size() > most) {
            kept.pop_back();
            worths.pop_back();
        }
    }
    return kept;
}

// Sums over the rows of outputs of a text: those that end in its last digit, and in NEW.
struct Ends {
    double digit = NEVER, fresh = NEVER;
    double both() const { return plus(digit, fresh); }
};

// Some texts and all their beginnings, each after its own.
struct Prefixes {
    std::vector<int> text, begin, digit;  // begin: where in here the text without its last digit is
    std::vector<int> at;                  // where in here each text is

    Prefixes(const TextTree& texts, const std::vector<int>& wanted) : at(texts.size(), -1) {
        for (int one : wanted)
            for (; at[one] < 0; one = texts[one].begin) at[one] = 0;
        for (int one = 0; one < texts.size(); ++one) {
            if (at[one] < 0) continue;
            at[one] = static_cast<int>(text.size());
            text.push_back(one);
            begin.push_back(at[texts[one].begin]);
            digit.push_back(texts[one].digit);
        }
    }
    size_t size() const { return text.size(); }
};

// For each text the logadd of all its paths; the log-probability of all its rows of outputs.
std::vector<double> text_penalties(const Arcs&, const Prefixes&);
std::vector<double> text_log_probs(const LogProbs&, const Prefixes&);

// The logadd of all paths.
double of_all_paths(const Arcs&);
