// Reading lines, for Python: constants and weights are checked and copied once, then a call takes a
// grey line and returns its texts.
#include <nanobind/stl/tuple.h>

#include "bind_preparation.hpp"
#include "line_model.hpp"

namespace {

using Rows = Given<float, nb::shape<-1, -1>>;
using Row = Given<float, nb::shape<-1>>;
using Bytes = Given<unsigned char, nb::shape<-1, 28, 28>>;
using Nodes = Given<std::int64_t, nb::shape<-1>>;
using Context = std::tuple<Rows, Row, Rows, Row>;       // hidden, bias, output, bias
using Trained = std::pair<Architecture, Flat>;
using Layer = std::pair<Given<float, nb::shape<-1, -1, -1, -1>>, Row>;

template <class Array>
std::vector<float> copy_of(const Array& given) {
    const float* const numbers = numbers_of(given);
    return {numbers, numbers + given.size()};
}

GivenContext context_of(const Context& layer) {
    const Rows &hidden = std::get<0>(layer), &output = std::get<2>(layer);
    const Row &hidden_bias = std::get<1>(layer), &output_bias = std::get<3>(layer);
    const size_t units = hidden.shape(0);
    expect(hidden_bias.shape(0) == units && output.shape(1) == units &&
               output.shape(0) == ARC_CLASSES && output_bias.shape(0) == ARC_CLASSES,
           "expected a bias for each unit, and 12 classes");
    return {static_cast<Index>(hidden.shape(1)), static_cast<Index>(units), numbers_of(hidden),
            numbers_of(hidden_bias), numbers_of(output), numbers_of(output_bias)};
}

std::vector<SdnnNetwork::Given> layers_of(const std::vector<Layer>& layers) {
    std::vector<SdnnNetwork::Given> given;
    for (const Layer& layer : layers) {
        const auto& weights = layer.first;
        expect(layer.second.shape(0) == weights.shape(3), "expected a bias for each map");
        const auto side = [&](int axis) { return static_cast<Index>(weights.shape(axis)); };
        given.push_back({side(0), side(1), side(2), side(3), numbers_of(weights),
                         numbers_of(layer.second)});
    }
    return given;
}

GivenNetwork given(const Trained& network) {
    return {network.first, network.second.data()};
}

class Reader {
   public:
    Reader(const LinePreparation& preparation, const nb::dict& settings,
           const Context& context_layer, const Trained& candidates, const Trained& digits,
           const std::vector<Layer>& sdnn, const ByteToPlane& byte_to_plane, int threads,
           const std::string& kernels)
        : model_(preparation.settings(), settings_of(settings),
                 {context_of(context_layer), given(candidates), given(digits), layers_of(sdnn),
                  byte_to_plane_of(byte_to_plane)},
                 checked_threads(threads), kernels_named(kernels)) {}

    // Texts and their log-probabilities; boxes and images of the best one's digits; the line's
    // segments, its scale and where it lies.
    nb::object read(const Plane& plane, bool closer) const {
        const Grey grey(plane);
        LineText found = without_lock([&] {
            return model_.reader().read(grey.values.data(), grey.height, grey.width, closer);
        });
        if (found.n_best.texts.empty()) return nb::none();
        const size_t count = found.boxes.size() / 4;
        const Frame& frame = found.cut.frame;
        return nb::make_tuple(found.n_best.texts, found.n_best.graph, found.n_best.sdnn,
                              given_away(std::move(found.boxes), {count, 4}),
                              given_away(std::move(found.images), {count, 28, 28}),
                              given_away(std::move(found.cut.segments)), frame.scale,
                              std::make_pair(frame.top, frame.left));
    }

    // Penalties of candidates: of each digit (n, 10), and of being none (n,).
    nb::tuple penalties(const Bytes& images, const Rows& context, const Nodes& first,
                        const Nodes& last) const {
        const size_t count = images.shape(0);
        expect(context.shape(0) == count && first.shape(0) == count && last.shape(0) == count &&
                   context.shape(1) == FEATURES,
               "expected a row of 12 features and two nodes for each image");
        const Candidates of{{first.data(), first.data() + count},
                            {last.data(), last.data() + count},
                            {},
                            {images.data(), images.data() + images.size()},
                            copy_of(context)};
        ArcPenalties found = model_.reader().penalties(of);
        return nb::make_tuple(given_away(std::move(found.digits), {count, DIGITS}),
                              given_away(std::move(found.nothing), {count}));
    }

   private:
    LineModel model_;
};

}  // namespace

void bind_lines(nb::module_& m) {
    nb::class_<Reader>(m, "LineReader")
        .def(nb::init<const LinePreparation&, const nb::dict&, const Context&, const Trained&,
                      const Trained&, const std::vector<Layer>&, const ByteToPlane&, int,
                      const std::string&>(),
             "preparation"_a, "settings"_a, exact("context_layer"), exact("candidates"),
             exact("digits"), exact("sdnn"), exact("byte_to_plane"), "threads"_a = 1,
             "kernels"_a = "")
        .def("read", &Reader::read, exact("grey"), "closer"_a = true)
        .def("penalties", &Reader::penalties, exact("images"), exact("context"), exact("first"),
             exact("last"));
}
