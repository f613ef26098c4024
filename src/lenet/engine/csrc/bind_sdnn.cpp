// SdnnNetwork: a trained SDNN for Python.
#include "arrays.hpp"
#include "sdnn.hpp"

namespace {

using Weights = Given<float, nb::shape<-1, -1, -1, -1>>;  // rows, columns, inputs, maps
using Bias = Given<float, nb::shape<-1>>;
using LineImage = Given<unsigned char, nb::shape<-1, -1>>;

class Sdnn {
   public:
    Sdnn(const std::vector<std::pair<Weights, Bias>>& layers, const std::string& kernels)
        : network_(given(layers), kernels_named(kernels)) {}

    Result log_probabilities(const LineImage& image) const {
        const auto height = static_cast<Index>(image.shape(0));
        const auto width = static_cast<Index>(image.shape(1));
        const Index places = network_.places(height, width);
        if (places < 0) throw std::invalid_argument("expected an image as high as the layers need");
        if (!places) throw std::invalid_argument("expected an image as wide as one output sees");
        Result log_probs = array_of({size_t(places), size_t(network_.classes())});
        const unsigned char* const ink = numbers_of(image);
        const nb::gil_scoped_release unlocked;
        network_.log_probabilities(ink, height, width, log_probs.data());
        return log_probs;
    }

   private:
    static std::vector<SdnnNetwork::Given> given(
        const std::vector<std::pair<Weights, Bias>>& layers) {
        std::vector<SdnnNetwork::Given> given;
        for (const auto& layer : layers) {
            const Weights& weights = layer.first;
            const Bias& bias = layer.second;
            if (bias.shape(0) != weights.shape(3))
                throw std::invalid_argument("expected a bias for each map");
            const auto side = [&](int axis) { return static_cast<Index>(weights.shape(axis)); };
            given.push_back({side(0), side(1), side(2), side(3), numbers_of(weights),
                             numbers_of(bias)});
        }
        return given;
    }

    SdnnNetwork network_;
};

}  // namespace

void bind_sdnn(nb::module_& m) {
    nb::class_<Sdnn>(m, "Sdnn")
        .def(nb::init<const std::vector<std::pair<Weights, Bias>>&, const std::string&>(),
             exact("layers"), "kernels"_a = "")
        .def("log_probabilities", &Sdnn::log_probabilities, exact("image"));
}
