#include "training.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

Trainer::Trainer(const Description& is, const Loss& loss, const Parameters& parameters,
                 const Kernels& kernels)
    : is_(is), loss_(loss), kernels_(kernels), parameters_(aligned<Parameters>(sizeof(Parameters))),
      steps_(aligned<Parameters>(sizeof(Parameters))),
      sums_(aligned<Parameters>(sizeof(Parameters))),
      trace_(aligned<Trace>(kernels.trace_bytes)) {
    *parameters_ = parameters;
}

long Trainer::learn(const Digits& digits, const std::int64_t* order, long count) {
    return kernels_.learn(is_, loss_, *parameters_, *steps_, digits, order, count, work());
}

void Trainer::curvature(const Digits& digits, const std::int64_t* order, long count) {
    const auto squared = aligned<Parameters>(sizeof(Parameters));
    const float* const from = flat(*parameters_);
    for (long k = 0; k < PARAMETERS; ++k) flat(*squared)[k] = from[k] * from[k];
    // Single precision holds the sum of a few patterns well, of hundreds badly.
    constexpr long few = 10;
    std::vector<double> totals(PARAMETERS);
    for (long first = 0; first < count; first += few) {
        std::memset(flat(*sums_), 0, sizeof(Parameters));
        kernels_.curvature(is_, *parameters_, *squared, digits, order + first,
                           std::min(few, count - first), work());
        for (long k = 0; k < PARAMETERS; ++k) totals[k] += flat(*sums_)[k];
    }
    for (long k = 0; k < PARAMETERS; ++k)
        flat(*sums_)[k] = static_cast<float>(totals[k] / static_cast<double>(count));
}
