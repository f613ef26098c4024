#include "arc_scores.hpp"

#include <algorithm>

#include "text_tree.hpp"

namespace {

double log_sum(const double* scores, int count) {
    double sum = NEVER;
    for (int k = 0; k < count; ++k) sum = plus(sum, scores[k]);
    return sum;
}

// `count` units of a layer.
template <class To>
void connect(const std::vector<float>& weights, const std::vector<float>& bias,
             const std::vector<float>& inputs, Index count, To* to) {
    const float* weight = weights.data();
    for (Index unit = 0; unit < count; ++unit) {
        float sum = 0;
        for (const float input : inputs) sum += *weight++ * input;
        to[unit] = sum + bias[unit];
    }
}

}  // namespace

void ArcScores::price(const CandidateArcs& of, double* digits, double* nothing) const {
    const ArcConstants& is = constants;
    const Index seen = inputs - (DIGITS + 1);  // of a candidate's place
    std::vector<float> given(inputs), unit(units);
    double scores[ARC_CLASSES];
    for (Index k = 0; k < of.count; ++k, digits += DIGITS) {
        for (int v = 0; v < DIGITS; ++v) scores[v] = -of.penalties[k * DIGITS + v];
        scores[DIGITS] = -is.rubbish;
        const double all = log_sum(scores, DIGITS + 1);
        for (int v = 0; v <= DIGITS; ++v) {
            const double log_prob = std::min(std::max(scores[v] - all, is.min_log_prob), 0.0);
            given[v] = static_cast<float>(log_prob / is.scale);
        }
        std::copy_n(of.context + k * seen, seen, given.data() + DIGITS + 1);
        connect(hidden, hidden_bias, given, units, unit.data());
        for (float& sum : unit) sum = std::tanh(sum);
        connect(output, output_bias, unit, ARC_CLASSES, scores);
        const double both = log_sum(scores, ARC_CLASSES);
        for (double& score : scores) score -= both;

        const double none = plus(scores[FRAGMENT], scores[NO_DIGIT]);
        const double some = plus(scores[FRAGMENT], log_sum(scores, DIGITS));
        const double segments = static_cast<double>(of.last[k]) - static_cast<double>(of.first[k]);
        const double weight = 1 + is.segment_weight * (segments - 1);
        for (int v = 0; v < DIGITS; ++v) digits[v] = -scores[v] * weight + is.outside * none;
        nothing[k] = segments == 1 ? -scores[NO_DIGIT] + is.outside * some + is.nothing_cost
                                 : NO_PATH;
    }
}
