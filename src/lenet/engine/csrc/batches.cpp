#include "batches.hpp"

namespace {

Aligned<Parameters> copy_of(const Parameters& from) {
    auto copy = aligned<Parameters>(sizeof(Parameters));
    *copy = from;
    return copy;
}

bool right(const float* penalties, const float* target) {
    int answer = 0, wanted = 0;
    for (int c = 1; c < CLASSES; ++c) {
        if (penalties[c] < penalties[answer]) answer = c;
        if (target[c] > target[wanted]) wanted = c;
    }
    return answer == wanted;
}

}  // namespace

BatchTrainer::BatchTrainer(const Description& is, const Loss& loss, const Parameters& parameters,
                           const Parameters& trained, const Kernels& kernels)
    : is_(is), loss_(loss), kernels_(kernels), parameters_(copy_of(parameters)),
      trained_(copy_of(trained)), mean_(aligned<Parameters>(sizeof(Parameters))),
      square_(aligned<Parameters>(sizeof(Parameters))) {
    for (long k = 0; k < SHARDS; ++k) {
        sums_.push_back(aligned<Parameters>(sizeof(Parameters)));
        traces_.push_back(aligned<Trace>(kernels.trace_bytes));
    }
}

BatchTrainer::Result BatchTrainer::sum_shard(const Digits& digits, const float* targets,
                                             const std::int64_t* order, long count,
                                             const Bending& bending, Gradient work) {
    Result result{};
    alignas(64) float plane[32 * 32], penalties[CLASSES];
    std::memset(flat(*work.sums), 0, sizeof(Parameters));
    for (long k = 0; k < count; ++k) {
        const float* const target = targets + order[k] * CLASSES;
        const unsigned char* const image = digits.images + order[k] * 28 * 28;
        if (bending.any())
            kernels_.distort(bending.by, bending.stream, order[k], image, digits.tone, plane);
        else
            kernels_.to_plane(image, digits.tone, plane);
        result.loss += kernels_.gradients(is_, loss_, *parameters_, plane, target,
                                          work, penalties);
        result.errors += !right(penalties, target);
    }
    return result;
}

BatchTrainer::Result BatchTrainer::learn(const Digits& digits, const float* targets,
                                         const std::int64_t* order, long count,
                                         const Bending& bending, const AdamW& by, int threads) {
    Result results[SHARDS] = {}, total{};
    in_parallel(SHARDS, threads, [&] {
        return [&](long shard) {
            const long first = shard * count / SHARDS, end = (shard + 1) * count / SHARDS;
            results[shard] = sum_shard(digits, targets, order + first, end - first,
                                       bending, {traces_[shard].get(), sums_[shard].get()});
        };
    });
    float* const sum = flat(*sums_[0]);
    for (long k = 0; k < PARAMETERS; ++k) {
        float each = sum[k];
        for (long shard = 1; shard < SHARDS; ++shard) each += flat(*sums_[shard])[k];
        sum[k] = each / static_cast<float>(count);
    }
    kernels_.adamw(flat(*parameters_), flat(*mean_), flat(*square_), sum, flat(*trained_),
                   PARAMETERS, by);
    for (const Result& result : results) {
        total.errors += result.errors;
        total.loss += result.loss;
    }
    return total;
}
