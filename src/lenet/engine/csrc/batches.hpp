// Mini-batches with AdamW, on several threads; bit-equal for any number of them.
#pragma once
#include <vector>

#include "kernels.hpp"
#include "parallel.hpp"

// How the images of a batch are bent; by.* all zero leaves them as they are.
struct Bending {
    Distortion by;
    std::uint64_t stream;
    bool any() const {
        return by.rotation > 0 || by.scale > 0 || by.shear > 0 || by.shift > 0 || by.elastic > 0 ||
               by.thickness > 0 || by.degraded > 0;
    }
};

class BatchTrainer {
   public:
    BatchTrainer(const Description&, const Loss&, const Parameters&, const Parameters& trained,
                 const Kernels&);

    Parameters& parameters() { return *parameters_; }
    Parameters& mean() { return *mean_; }      // running means of the gradients
    Parameters& square() { return *square_; }  // and of their squares

    struct Result {
        long errors;  // answered otherwise than the target's largest share, before their update
        double loss;  // summed
    };

    // One update from the mean gradient of `count` images; targets: CLASSES shares for each image.
    Result learn(const Digits&, const float* targets, const std::int64_t* order, long count,
                 const Bending&, const AdamW& by, int threads);

   private:
    // A batch is cut into so many shards, each summed in order, whatever threads there are.
    static constexpr long SHARDS = 4;

    Result sum_shard(const Digits&, const float* targets, const std::int64_t* order, long count,
                     const Bending&, Gradient);

    Description is_;
    Loss loss_;
    const Kernels& kernels_;
    Aligned<Parameters> parameters_, trained_, mean_, square_;
    std::vector<Aligned<Parameters>> sums_;
    std::vector<Aligned<Trace>> traces_;
};
