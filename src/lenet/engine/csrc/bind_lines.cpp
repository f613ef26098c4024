// Reading lines, for Python: constants and weights are checked and copied once, then a call takes a
// grey line and returns its texts.
#include <nanobind/stl/tuple.h>

#include "bind_preparation.hpp"
#include "line_reader.hpp"

namespace {

using Rows = Given<float, nb::shape<-1, -1>>;
using Row = Given<float, nb::shape<-1>>;
using Bytes = Given<unsigned char, nb::shape<-1, 28, 28>>;
using Nodes = Given<std::int64_t, nb::shape<-1>>;
using Context = std::tuple<Rows, Row, Rows, Row>;       // hidden, bias, output, bias
using Trained = std::pair<Architecture, Flat>;
using Layer = std::pair<Given<float, nb::shape<-1, -1, -1, -1>>, Row>;

// A network for digit images that owns its numbers.
struct DigitNetwork {
    Aligned<Parameters> parameters;
    mutable BufferPool pool;
    Network network;
    DigitNetwork(const Trained& given, const std::string& kernels)
        : parameters(copied(given.second)),
          network{given.first, parameters.get(), &kernels_named(kernels), Table(*parameters),
                  pool} {}
};

template <class Array>
std::vector<float> copy_of(const Array& given) {
    const float* const numbers = numbers_of(given);
    return {numbers, numbers + given.size()};
}

ArcScores arc_scores(const Context& layer, const NamedNumbers& all) {
    const NamedNumbers given = all["line_weights"], is = all["segmentation_graph"];
    const Rows &hidden = std::get<0>(layer), &output = std::get<2>(layer);
    const Row &hidden_bias = std::get<1>(layer), &output_bias = std::get<3>(layer);
    const size_t units = hidden.shape(0);
    expect(hidden.shape(1) == DIGITS + 1 + FEATURES && 0 < units && units <= 1024,
           "expected 1 … 1,024 units that see penalties and context");
    expect(hidden_bias.shape(0) == units && output.shape(1) == units &&
               output.shape(0) == ARC_CLASSES && output_bias.shape(0) == ARC_CLASSES,
           "expected a bias for each unit, and 12 classes");
    return {DIGITS + 1 + FEATURES, static_cast<Index>(units), copy_of(hidden),
            copy_of(hidden_bias), copy_of(output), copy_of(output_bias),
            {all["weights"]("rubbish", -MOST, MOST), given("MIN_LOG_PROB", -MOST, 0),
             given("SCALE", 1e-6, MOST), is("SEGMENT_WEIGHT", -MOST, MOST),
             is("NOTHING_COST", -MOST, MOST), is("OUTSIDE", -MOST, MOST)}};
}

ReaderSettings reader_settings(const NamedNumbers& all) {
    const NamedNumbers weights = all["weights"], sdnn = all["sdnn"], text = all["combine"];
    const auto beam = static_cast<size_t>(text.whole("BEAM", 1, 1024));
    return {{beam, all["segmentation_graph"]("SPREAD", 0, MOST),
             all["ctc"]("MIN_LOG_PROB", -MOST, 0)},
            text("MIN_LOG_PROB", -MOST, 0), weights("sdnn_weight", 0, MOST),
            weights("digit_network_weight", 0, 1), weights("digit_temperature", 1e-6, MOST),
            sdnn.whole("EVERY", 1, 4096), sdnn.whole("SEEN", 1, 4096),
            all["numpy_lines"]("HALF_WIDTH", 0, MOST)};
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

class Reader {
   public:
    Reader(const LinePreparation& preparation, const nb::dict& settings,
           const Context& context_layer, const Trained& candidates, const Trained& digits,
           const std::vector<Layer>& sdnn, const ByteToPlane& byte_to_plane, int threads,
           const std::string& kernels)
        : candidates_(candidates, kernels),
          digits_(digits, kernels),
          sdnn_(layers_of(sdnn), kernels_named(kernels)),
          byte_to_plane_(byte_to_plane_of(byte_to_plane), byte_to_plane_of(byte_to_plane) + 256),
          reader_(preparation.settings(), reader_settings(NamedNumbers(settings)),
                  arc_scores(context_layer, NamedNumbers(settings)), candidates_.network,
                  digits_.network, sdnn_, byte_to_plane_.data(), checked_threads(threads)) {
        expect(sdnn_.classes() == DIGITS + 1 &&
                   sdnn_.places(preparation.settings().image_height,
                                2 * preparation.settings().image_margin + 1) > 0,
               "expected an SDNN of 11 classes for line images of this height");
    }

    // Texts and their log-probabilities; boxes and images of the best one's digits; the line's
    // segments, its scale and where it lies.
    nb::object read(const Plane& plane, bool closer) const {
        const Grey grey(plane);
        LineText found = without_lock(
            [&] { return reader_.read(grey.values.data(), grey.height, grey.width, closer); });
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
        ArcPenalties found = reader_.penalties(of);
        return nb::make_tuple(given_away(std::move(found.digits), {count, DIGITS}),
                              given_away(std::move(found.nothing), {count}));
    }

   private:
    DigitNetwork candidates_, digits_;
    SdnnNetwork sdnn_;
    std::vector<float> byte_to_plane_;
    LineReader reader_;
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
