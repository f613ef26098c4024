#include "training.hpp"

namespace {

Aligned<Parameters> zeros() { return aligned<Parameters>(sizeof(Parameters)); }

bool right(const float* penalties, const float* target) {
    const auto answer = std::min_element(penalties, penalties + CLASSES) - penalties;
    return answer == std::max_element(target, target + CLASSES) - target;
}

}  // namespace

Trainer::Trainer(const Architecture& is, const Loss& loss, Aligned<Parameters> parameters,
                 const Kernels& kernels)
    : is_(is), loss_(loss), kernels_(kernels), parameters_(std::move(parameters)), steps_(zeros()),
      sums_(zeros()), cache_(aligned<ForwardCache>(kernels.cache_bytes)) {}

Index Trainer::learn(const Samples& samples) {
    return kernels_.learn(is_, loss_, *parameters_, *steps_, samples, work());
}

std::vector<float> Trainer::curvature(const Samples& samples) {
    const auto squared = zeros();
    const float* const from = flat(*parameters_);
    for (Index k = 0; k < PARAMETERS; ++k) flat(*squared)[k] = from[k] * from[k];
    return mean_over(samples, numbers_in(sums_), [&](const Samples& few) {
        kernels_.curvature(is_, *parameters_, *squared, few, work());
    });
}

BatchTrainer::BatchTrainer(const Architecture& is, const Loss& loss, Aligned<Parameters> parameters,
                           Aligned<Parameters> trainable_mask, const Kernels& kernels)
    : is_(is), loss_(loss), kernels_(kernels), parameters_(std::move(parameters)),
      trainable_mask_(std::move(trainable_mask)), mean_(zeros()), square_(zeros()) {
    for (Index k = 0; k < SHARDS; ++k) {
        sums_.push_back(zeros());
        caches_.push_back(aligned<ForwardCache>(kernels.cache_bytes));
    }
}

BatchTrainer::Result BatchTrainer::sum_shard(const Samples& samples, const float* targets,
                                             const Warp& warp, Gradient work) {
    Result result{};
    alignas(64) float plane[32 * 32], penalties[CLASSES];
    std::memset(flat(*work.sums), 0, sizeof(Parameters));
    for (Index k = 0; k < samples.count; ++k) {
        const std::int64_t index = samples.order[k];
        const float* const target = targets + index * CLASSES;
        const unsigned char* const image = samples.images + index * 28 * 28;
        if (warp.any())
            kernels_.distort(warp.by, warp.stream, index, image, samples.byte_to_plane, plane);
        else
            kernels_.to_plane(image, samples.byte_to_plane, plane);
        result.loss +=
            kernels_.gradients(is_, loss_, *parameters_, plane, target, work, penalties);
        result.errors += !right(penalties, target);
    }
    return result;
}

BatchTrainer::Result BatchTrainer::learn(const Samples& samples, const float* targets,
                                         const Warp& warp, const AdamW& by, int threads) {
    Result results[SHARDS] = {}, total{};
    in_parallel(SHARDS, threads, [&] {
        return [&](Index shard) {
            const Index first = shard * samples.count / SHARDS;
            Samples part = samples;
            part.order += first;
            part.count = (shard + 1) * samples.count / SHARDS - first;
            results[shard] =
                sum_shard(part, targets, warp, {caches_[shard].get(), sums_[shard].get()});
        };
    });
    float* const sum = flat(*sums_[0]);
    for (Index k = 0; k < PARAMETERS; ++k) {
        float each = sum[k];
        for (Index shard = 1; shard < SHARDS; ++shard) each += flat(*sums_[shard])[k];
        sum[k] = each / static_cast<float>(samples.count);
    }
    kernels_.adamw(flat(*parameters_), flat(*mean_), flat(*square_), sum, flat(*trainable_mask_),
                   PARAMETERS, by);
    for (const Result& result : results) {
        total.errors += result.errors;
        total.loss += result.loss;
    }
    return total;
}
