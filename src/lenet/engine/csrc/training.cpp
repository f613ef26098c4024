#include "training.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

Trainer::Trainer(const Architecture& is, const Loss& loss, const Parameters& parameters,
                 const Kernels& kernels)
    : is_(is), loss_(loss), kernels_(kernels), parameters_(aligned<Parameters>(sizeof(Parameters))),
      steps_(aligned<Parameters>(sizeof(Parameters))),
      sums_(aligned<Parameters>(sizeof(Parameters))),
      cache_(aligned<ForwardCache>(kernels.cache_bytes)) {
    *parameters_ = parameters;
}

Index Trainer::learn(const Samples& samples) {
    return kernels_.learn(is_, loss_, *parameters_, *steps_, samples, work());
}

void Trainer::curvature(Samples samples) {
    const auto squared = aligned<Parameters>(sizeof(Parameters));
    const float* const from = flat(*parameters_);
    for (Index k = 0; k < PARAMETERS; ++k) flat(*squared)[k] = from[k] * from[k];
    // Single precision holds the sum of a few patterns well, of hundreds badly.
    constexpr Index few = 10;
    std::vector<double> totals(PARAMETERS);
    const auto count = static_cast<double>(samples.count);
    for (Index left = samples.count; left > 0; left -= few, samples.order += few) {
        std::memset(flat(*sums_), 0, sizeof(Parameters));
        samples.count = std::min(few, left);
        kernels_.curvature(is_, *parameters_, *squared, samples, work());
        for (Index k = 0; k < PARAMETERS; ++k) totals[k] += flat(*sums_)[k];
    }
    for (Index k = 0; k < PARAMETERS; ++k)
        flat(*sums_)[k] = static_cast<float>(totals[k] / count);
}
