// One network being trained: its parameters, their steps, and the scratch to work in.
#pragma once
#include "kernels.hpp"
#include "parallel.hpp"

class Trainer {
   public:
    Trainer(const Architecture&, const Loss&, const Parameters&, const Kernels&);

    Parameters& parameters() { return *parameters_; }
    const Parameters& sums() const { return *sums_; }
    Parameters& steps() { return *steps_; }  // ε of eq. 18, zero for what is not trained

    // One update for each digit of the order; how many were answered wrongly before theirs.
    Index learn(const Samples&);

    // h_kk averaged over the digits of the order (eqs 23, 25, 27), into sums().
    void curvature(Samples);

   private:
    Gradient work() { return {cache_.get(), sums_.get()}; }

    Architecture is_;
    Loss loss_;
    const Kernels& kernels_;
    Aligned<Parameters> parameters_, steps_, sums_;
    Aligned<ForwardCache> cache_;
};
