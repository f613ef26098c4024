#include "sdnn.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "expect.hpp"
#include "kernels.hpp"

namespace {

constexpr size_t LAYERS = 6, FIRST_ALONG = 3;
constexpr Index MOST = 1024;  // of every size of a layer

Index rounded(Index count, Index to) { return (count + to - 1) / to * to; }

// The largest of each 2×2 of two rows of sums, `count` places of them.
void halve(const float* upper, const float* lower, Index width, Index maps, Index count,
           float* to) {
    for (Index x = 0; x < count; ++x, upper += 2 * width, lower += 2 * width, to += maps)
        for (Index m = 0; m < maps; ++m)
            to[m] = std::max(std::max(upper[m], upper[width + m]),
                             std::max(lower[m], lower[width + m]));
}

// From scores to log-probabilities.
void normalise(const float* scores, Index classes, float* log_probs) {
    const float most = *std::max_element(scores, scores + classes);
    float sum = 0;
    for (Index c = 0; c < classes; ++c) sum += std::exp(scores[c] - most);
    const float all = most + std::log(sum);
    for (Index c = 0; c < classes; ++c) log_probs[c] = scores[c] - all;
}

}  // namespace

// A stage: `maps` numbers at each place, `aside` places of zeros on both sides of every row. Memory
// goes on for a dozen places, for those that a dozen has too many.
struct SdnnNetwork::Maps {
    Index rows, columns, maps, aside;
    Index step;  // floats from row to row
    Aligned<float> memory;

    Maps(Index rows, Index columns, Index maps, Index aside = 0)
        : rows(rows), columns(columns), maps(maps), aside(aside),
          step((columns + 2 * aside) * maps),
          memory(aligned<float>((rows * step + DOZEN * maps) * sizeof(float))) {}
    float* row(Index y) const { return memory.get() + y * step; }  // from its zeros on
    float* places() const { return memory.get() + aside * maps; }  // of the first row
};

SdnnNetwork::SdnnNetwork(const std::vector<Given>& layers, const Kernels& kernels)
    : kernels_(kernels) {
    expect(layers.size() == LAYERS, "expected six layers");
    Index inputs = 1;
    for (const Given& given : layers) {
        for (Index size : {given.rows, given.columns, given.inputs, given.maps})
            expect(1 <= size && size <= MOST, "expected layers with sizes of 1 … 1,024");
        expect(given.inputs == inputs, "expected as many inputs as the layer before has maps");
        inputs = given.maps;
        const size_t number = layers_.size();
        const bool last = number + 1 == LAYERS;
        const Index width = rounded(given.maps, PADDED);
        if (number >= FIRST_ALONG)
            expect(given.rows == 1 && given.columns % 2, "expected odd fields along the row");
        if (number + 1 >= FIRST_ALONG && !last)
            expect(given.maps == width, "expected maps along the row by the eight");
        const Index taps = given.rows * given.columns * given.inputs;
        auto numbers = aligned<float>((taps + 1) * width * sizeof(float));
        for (Index tap = 0; tap < taps; ++tap)
            std::copy_n(given.weights + tap * given.maps, given.maps, numbers.get() + tap * width);
        std::copy_n(given.bias, given.maps, numbers.get() + taps * width);
        layers_.push_back({given.rows, given.columns, given.inputs, given.maps, width,
                           numbers.get(), numbers.get() + taps * width,
                           last ? -std::numeric_limits<float>::infinity() : 0});
        numbers_.push_back(std::move(numbers));
    }
    expect(layers_[4].maps == layers_[3].maps, "expected as many maps as are added to");
}

Index SdnnNetwork::places(Index height, Index width) const {
    for (int k : {0, 1}) {
        height = (height - layers_[k].rows + 1) / 2;
        width = (width - layers_[k].columns + 1) / 2;
    }
    if (height != layers_[2].rows) return -1;
    return std::max<Index>(0, width - layers_[2].columns + 1);
}

// A convolution and the largest of each 2×2 of it, two rows at a time.
SdnnNetwork::Maps SdnnNetwork::pooled(const Maps& from, const SdnnLayer& layer) const {
    const Index columns = from.columns - layer.columns + 1;
    Maps to((from.rows - layer.rows + 1) / 2, columns / 2, layer.maps);
    const Maps sums(2, rounded(columns, DOZEN), layer.width);
    for (Index y = 0; y < to.rows; ++y) {
        for (Index k : {0, 1})
            kernels_.sdnn_row(layer, from.row(2 * y + k), from.step, columns, sums.row(k));
        halve(sums.row(0), sums.row(1), layer.width, layer.maps, to.columns, to.row(y));
    }
    return to;
}

// A convolution that gives one row, with `aside` places of zeros on both sides for the next.
// reach : how many zeros beside what is given it reads
SdnnNetwork::Maps SdnnNetwork::row_of(const Maps& from, const SdnnLayer& layer, Index reach,
                                      Index aside) const {
    const Index columns = from.columns + 2 * reach - layer.columns + 1;
    Maps to(1, columns, layer.width, aside);
    kernels_.sdnn_row(layer, from.places() - reach * from.maps, from.step, columns, to.places());
    std::fill_n(to.places() + columns * to.maps, (aside + DOZEN) * to.maps, 0.0f);
    return to;
}

void SdnnNetwork::log_probabilities(const unsigned char* image, Index height, Index width,
                                    float* to) const {
    const Index reach[] = {layers_[3].columns / 2, layers_[4].columns / 2, layers_[5].columns / 2};
    Maps ink(height, width, 1);
    for (Index k = 0; k < height * width; ++k) ink.row(0)[k] = image[k] / 255.0f;
    Maps row = row_of(pooled(pooled(ink, layers_[0]), layers_[1]), layers_[2], 0, reach[0]);
    row = row_of(row, layers_[3], reach[0], std::max(reach[1], reach[2]));
    const Maps more = row_of(row, layers_[4], reach[1], 0);
    for (Index k = 0; k < row.columns * row.maps; ++k) row.places()[k] += more.places()[k];
    const Maps scores = row_of(row, layers_[5], reach[2], 0);
    for (Index x = 0; x < scores.columns; ++x)
        normalise(scores.places() + x * scores.maps, classes(), to + x * classes());
}
