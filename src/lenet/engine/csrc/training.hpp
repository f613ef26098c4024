// Networks being trained: their parameters, the state of the optimiser, and the scratch to work in.
#pragma once
#include <algorithm>
#include <vector>

#include "kernels.hpp"
#include "parallel.hpp"

// Numbers that a caller may read and replace.
struct Numbers {
    float* values;
    size_t count;
};
inline Numbers numbers_in(const Aligned<Parameters>& of) { return {flat(*of), PARAMETERS}; }

// The mean over the samples of what add(a few of them) adds to `sums`. Single precision holds the
// sum of a few patterns well, of hundreds badly.
template <class Add>
std::vector<float> mean_over(Samples samples, Numbers sums, Add add) {
    constexpr Index few = 10;
    const auto patterns = static_cast<double>(samples.count);
    std::vector<double> totals(sums.count);
    for (Index left = samples.count; left > 0; left -= few, samples.order += few) {
        samples.count = std::min(few, left);
        std::fill_n(sums.values, sums.count, 0.0f);
        add(samples);
        for (size_t k = 0; k < sums.count; ++k) totals[k] += sums.values[k];
    }
    std::vector<float> mean;
    for (double total : totals) mean.push_back(static_cast<float>(total / patterns));
    return mean;
}

// SDLM: one update for each digit.
class Trainer {
   public:
    Trainer(const Architecture&, const Loss&, Aligned<Parameters> parameters, const Kernels&);

    Index inputs() const { return 28 * 28; }
    Numbers parameters() { return numbers_in(parameters_); }
    Numbers steps() { return numbers_in(steps_); }  // ε of eq. 18, zero for what is not trained

    // One update for each digit of the order; how many were answered wrongly before theirs.
    Index learn(const Samples&);

    // h_kk averaged over the digits of the order (eqs 23, 25, 27).
    std::vector<float> curvature(const Samples&);

   private:
    Gradient work() { return {cache_.get(), sums_.get()}; }

    Architecture is_;
    Loss loss_;
    const Kernels& kernels_;
    Aligned<Parameters> parameters_, steps_, sums_;
    Aligned<ForwardCache> cache_;
};

// How the images of a batch are distorted; by.* all zero leaves them as they are.
struct Warp {
    Distortion by;
    std::uint64_t stream;
    bool any() const {
        return by.rotation > 0 || by.scale > 0 || by.shear > 0 || by.shift > 0 || by.elastic > 0 ||
               by.thickness > 0 || by.degraded > 0;
    }
};

// Mini-batches with AdamW, on several threads; bit-equal for any number of them.
class BatchTrainer {
   public:
    BatchTrainer(const Architecture&, const Loss&, Aligned<Parameters> parameters,
                 Aligned<Parameters> trainable_mask, const Kernels&);

    Numbers parameters() { return numbers_in(parameters_); }
    Numbers mean() { return numbers_in(mean_); }      // running means of the gradients
    Numbers square() { return numbers_in(square_); }  // and of their squares

    struct Result {
        Index errors;  // answers, before the update, other than the target's largest probability
        double loss;   // summed
    };

    // One update from the mean gradient of the images; targets: CLASSES probabilities for each.
    Result learn(const Samples&, const float* targets, const Warp&, const AdamW& by, int threads);

   private:
    // A batch is cut into so many shards, each summed in order, whatever threads there are.
    static constexpr Index SHARDS = 4;

    Result sum_shard(const Samples&, const float* targets, const Warp&, Gradient);

    Architecture is_;
    Loss loss_;
    const Kernels& kernels_;
    Aligned<Parameters> parameters_, trainable_mask_, mean_, square_;
    std::vector<Aligned<Parameters>> sums_;
    std::vector<Aligned<ForwardCache>> caches_;
};
