// A line reader with all that it reads by: settings, and copies of its weights.
#pragma once
#include "settings.hpp"

// Weights as they come, only looked at while a model is made.
struct GivenContext {
    Index inputs, units;
    const float *hidden, *hidden_bias, *output, *output_bias;  // as in ArcScores
};
struct GivenNetwork {
    Architecture is;
    const float* parameters;  // PARAMETERS
};
struct GivenWeights {
    GivenContext context;
    GivenNetwork candidates, digits;
    std::vector<SdnnNetwork::Given> sdnn;
    const float* byte_to_plane;  // 256
};

// A network for digit images that owns its numbers.
struct DigitNetwork {
    Aligned<Parameters> parameters;
    BufferPool pool;
    Network network;
    DigitNetwork(const GivenNetwork&, const Kernels&);
};

class LineModel {
   public:
    LineModel(const LineSettings&, const Settings&, const GivenWeights&, int threads,
              const Kernels&);
    const LineReader& reader() const { return reader_; }

   private:
    DigitNetwork candidates_, digits_;
    SdnnNetwork sdnn_;
    std::vector<float> byte_to_plane_;
    LineReader reader_;
};
