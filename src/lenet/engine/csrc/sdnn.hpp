// The SDNN (network/sdnn.py): convolutions over a whole line image, maps innermost.
#pragma once
#include <vector>

#include "parallel.hpp"
#include "sdnn_layer.hpp"

struct Kernels;

class SdnnNetwork {
   public:
    struct Given {
        Index rows, columns, inputs, maps;
        const float *weights, *bias;  // rows × columns × inputs × maps; maps
    };

    // Two layers with the largest of 2×2 after each, one over all rows that are left, and along
    // the row that this gives: one, one that is added to its input, the scores.
    // Throws std::invalid_argument where a layer does not fit those before it.
    SdnnNetwork(const std::vector<Given>& layers, const Kernels& kernels);
    SdnnNetwork(const SdnnNetwork&) = delete;

    Index classes() const { return layers_.back().maps; }

    // How many places an image of this size has; 0 if it is too small, −1 for a wrong height.
    Index places(Index height, Index width) const;

    // Log-probabilities of the classes at each place, places × classes.
    void log_probabilities(const unsigned char* image, Index height, Index width, float* to) const;

   private:
    struct Maps;
    Maps pooled(const Maps& from, const SdnnLayer& layer) const;
    Maps row_of(const Maps& from, const SdnnLayer& layer, Index reach, Index aside) const;

    const Kernels& kernels_;
    std::vector<SdnnLayer> layers_;
    std::vector<Aligned<float>> numbers_;
};
