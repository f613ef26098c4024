// Mini-batches with AdamW, on several threads; bit-equal for any number of them.
#pragma once
#include <vector>

#include "kernels.hpp"
#include "parallel.hpp"

// How the images of a batch are distorted; by.* all zero leaves them as they are.
struct Warp {
    Distortion by;
    std::uint64_t stream;
    bool any() const {
        return by.rotation > 0 || by.scale > 0 || by.shear > 0 || by.shift > 0 || by.elastic > 0 ||
               by.thickness > 0 || by.degraded > 0;
    }
};

class BatchTrainer {
   public:
    BatchTrainer(const Architecture&, const Loss&, const Parameters&,
                 const Parameters& trainable_mask, const Kernels&);

    Parameters& parameters() { return *parameters_; }
    Parameters& mean() { return *mean_; }      // running means of the gradients
    Parameters& square() { return *square_; }  // and of their squares

    struct Result {
        Index errors;  // answers, before the update, other than the target's largest probability
        double loss;   // summed
    };

    // One update from the mean gradient of `count` images; targets: CLASSES probabilities for each
    // image.
    Result learn(const Samples&, const float* targets,
                 const Warp&, const AdamW& by, int threads);

   private:
    // A batch is cut into so many shards, each summed in order, whatever threads there are.
    static constexpr Index SHARDS = 4;

    Result sum_shard(const Samples&, const float* targets,
                     const Warp&, Gradient);

    Architecture is_;
    Loss loss_;
    const Kernels& kernels_;
    Aligned<Parameters> parameters_, trainable_mask_, mean_, square_;
    std::vector<Aligned<Parameters>> sums_;
    std::vector<Aligned<ForwardCache>> caches_;
};
