// Compiled once for each instruction set, like kernels.cpp, but with the compiler's vectorising on:
// a plain loop with a square root is best left to it.
#include <math.h>

#include "kernels.hpp"

namespace ISA {

void adamw(float* __restrict values, float* __restrict mean, float* __restrict square,
           const float* __restrict gradients, const float* __restrict trainable_mask, Index count,
           const AdamW& by) {
    const float rate = by.rate / by.mean_correction, root = 1 / sqrtf(by.square_correction);
    const float keep = by.rate * by.decay;
    for (Index k = 0; k < count; ++k) {
        const float g = gradients[k] * trainable_mask[k];
        mean[k] = by.beta1 * mean[k] + (1 - by.beta1) * g;
        square[k] = by.beta2 * square[k] + (1 - by.beta2) * g * g;
        values[k] -= trainable_mask[k] * (keep * values[k] +
                                   rate * mean[k] / (sqrtf(square[k]) * root + by.epsilon));
    }
}

}  // namespace ISA
