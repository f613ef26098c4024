// Preparing digits and lines, and reading lines, for Python: constants and weights are checked
// and copied once, then a call takes a grey plane and returns what it holds.
#include <nanobind/stl/array.h>
#include <nanobind/stl/tuple.h>

#include "arrays.hpp"
#include "digit_ink.hpp"
#include "expect.hpp"
#include "line_reader.hpp"
#include "named_numbers.hpp"

namespace {

using Plane = Given<float, nb::shape<-1, -1>>;
using Rows = Given<float, nb::shape<-1, -1>>;
using Row = Given<float, nb::shape<-1>>;
using Bytes = Given<unsigned char, nb::shape<-1, 28, 28>>;
using Nodes = Given<std::int64_t, nb::shape<-1>>;
using Layer = std::pair<Given<float, nb::shape<-1, -1, -1, -1>>, Row>;

constexpr double MOST = 1e9;
constexpr long MOST_PIXELS = 1L << 28, MOST_SIDE = 1L << 20;

// A plane of at least one pixel; all its values are copied and lie between 0 and 1.
struct Grey {
    long height, width;
    std::vector<float> values;
    explicit Grey(const Plane& plane)
        : height(static_cast<long>(plane.shape(0))), width(static_cast<long>(plane.shape(1))) {
        expect(plane.size() > 0 && plane.size() <= size_t(MOST_PIXELS),
               "expected a plane of 1 … 2^28 pixels");
        values.assign(numbers_of(plane), plane.data() + plane.size());
        for (float value : values) expect(value >= 0 && value <= 1, "expected values 0 … 1");
    }
};

// A numpy array that takes the numbers over; shape[0] may be 0.
template <class T>
nb::object given_away(std::vector<T> numbers, std::initializer_list<size_t> shape) {
    auto* held = new std::vector<T>(std::move(numbers));
    nb::capsule owner(held, [](void* at) noexcept { delete static_cast<std::vector<T>*>(at); });
    return nb::cast(nb::ndarray<nb::numpy, T>(held->data(), shape.size(), shape.begin(), owner));
}

template <class Work>
auto without_lock(Work work) {
    const nb::gil_scoped_release unlocked;
    return work();
}

Centring centring_of(const NamedNumbers& is) {
    return {28, is.whole("box", 1, 28), is.real("ink", 1e-6, 1), is.real("stroke", 0, 0.999),
            is("middle", 0, 28), is("quantile", 0, 1)};
}

DigitSettings digit_settings(const NamedNumbers& all) {
    const NamedNumbers is = all["digit"];
    return {is.whole("thumbnail", 1, 1024), is("even", 0, 1), is.whole("field", 1, 199) | 1,
            is.whole("bins", 1, 65536), is("min_contrast", 0, 1), is("speck", 0, 1),
            is("near", 0, MOST), centring_of(all["centring"])};
}

Judgement ink_of(const NamedNumbers& is) {
    return {is.whole("thumbnail", 1, 1024), is("even", 0, 1), is.whole("bins", 1, 65536),
            is.real("min_contrast", 0, 1), is.real("background_weight", 1e-6, 1e6),
            is("grain", 0, 1e6), is("faint", 0, 0.999), is("max_faint", 0, 0.999)};
}

RuleShares rules_of(const NamedNumbers& is) {
    return {is.real("ink", 0, 1), is("length", 0, MOST), is("min_length", 0, MOST),
            is("border_height", 0, MOST), is("border_zone", 0, 1), is("thickness", 0, MOST),
            is("page_length", 0, MOST), is("page_min_length", 0, MOST),
            is("page_thickness", 0, MOST)};
}

Cutting cutting_of(const NamedNumbers& is) {
    return {is.real("slant_cost", 0, 1e6), is.real("hole_cost", 0, 1), is.real("enclosing", 0, 1),
            is.real("flat", 0, 1), is("barrier", 0, MOST), is.whole("min_distance", 0, MOST_SIDE),
            is.real("contour", 0, 1), is("notch", 0, MOST), is("sideways", 0, MOST),
            is("same", 0, MOST), is.real("ink", 0, 0.999), is.real("min_crossed", 0, 1e6),
            is("max_crossed", 0, MOST), is("free", 0, MOST), is("sliver", 0, MOST),
            is.whole("min_height", 1, MOST_SIDE), is.whole("max_segments", 1, 4096)};
}

LineSettings line_settings(const NamedNumbers& all) {
    const NamedNumbers is = all["line"], image = all["image"];
    return {ink_of(all["ink"]), is("height", 1, 1024), is("max_width", 1, 1 << 16),
            is("field", 0, 4), rules_of(all["rules"]), cutting_of(all["cuts"]), is("tall", 0, 1),
            is("min_text_height", 0, MOST), is("margin", 0, 100), is.whole("max_joined", 1, 1000),
            is("max_candidate_width", 0, MOST), centring_of(all["centring"]),
            image.whole("height", 1, 256), image.whole("text_height", 1, 256),
            image.whole("margin", 0, 256)};
}

class DigitPreparation {
   public:
    explicit DigitPreparation(const nb::dict& settings) : is_(digit_settings(NamedNumbers(settings))) {}

    // The digit's image (28, 28) and its box; nothing for a plane without ink.
    nb::object digit(const Plane& plane) const {
        std::vector<unsigned char> image(28 * 28);
        std::array<long, 4> box;
        const Grey grey(plane);
        const bool found = without_lock([&] {
            return prepare_digit(grey.values.data(), grey.height, grey.width, is_, image.data(),
                                 box.data());
        });
        if (!found) return nb::none();
        return nb::make_tuple(given_away(std::move(image), {28, 28}), box);
    }

    nb::object centred(const Plane& plane) const {
        const Grey ink(plane);
        std::vector<unsigned char> image(28 * 28);
        if (!centre(ink.values.data(), ink.height, ink.width, is_.centring, image.data()))
            return nb::none();
        return given_away(std::move(image), {28, 28});
    }

   private:
    DigitSettings is_;
};

class LinePreparation {
   public:
    explicit LinePreparation(const nb::dict& settings) : is_(line_settings(NamedNumbers(settings))) {}

    // All that is known of a line; `closer` enlarges low text.
    nb::dict cut(const Plane& plane, bool closer) const {
        const Grey grey(plane);
        CutLine cut = without_lock([&] {
            return cut_line(grey.values.data(), grey.height, grey.width, closer, is_);
        });
        return described(std::move(cut));
    }

    nb::dict cut_ink(const Plane& plane) const {
        Grey ink(plane);
        CutLine cut;
        cut.segments = segments_of(std::move(ink.values), ink.height, ink.width, is_);
        return described(std::move(cut));
    }

    // The ink of a line or a page without ruled lines.
    nb::object ink(const Plane& plane, long field, bool page) const {
        const Grey grey(plane);
        expect(field > 0 && field < MOST_SIDE && field % 2, "expected an odd field above 0");
        return given_away(line_ink(grey.values.data(), grey.height, grey.width, field, page, is_),
                          {size_t(grey.height), size_t(grey.width)});
    }

    nb::tuple page_parts(const Plane& plane, long field) const {
        const Grey grey(plane);
        expect(field > 0 && field < MOST_SIDE && field % 2, "expected an odd field above 0");
        PartList parts = without_lock([&] {
            return ::page_parts(grey.values.data(), grey.height, grey.width, field, is_);
        });
        const size_t count = parts.mass.size();
        return nb::make_tuple(given_away(std::move(parts.boxes), {count, 4}),
                              given_away(std::move(parts.mass), {count}));
    }

    const LineSettings& settings() const { return is_; }

   private:
    nb::dict described(CutLine cut) const {
        Segments& is = cut.segments;
        const size_t count = is.mass.size(), high = size_t(is.height), wide = size_t(is.width);
        Candidates found = candidates_of(is, is_);
        LineImage image = image_of(is, is_);
        const size_t arcs = found.first.size();
        nb::dict all;
        all["scale"] = cut.frame.scale;
        all["corner"] = nb::make_tuple(cut.frame.top, cut.frame.left);
        all["height"] = is.text_height;
        all["ink"] = given_away(std::move(is.ink), {high, wide});
        all["labels"] = given_away(std::move(is.labels), {high, wide});
        all["boxes"] = given_away(std::move(is.boxes), {count, 4});
        all["parts"] = given_away(std::move(is.parts), {count});
        all["mass"] = given_away(std::move(is.mass), {count});
        all["first"] = given_away(std::move(found.first), {arcs});
        all["last"] = given_away(std::move(found.last), {arcs});
        all["candidate_boxes"] = given_away(std::move(found.boxes), {arcs, 4});
        all["images"] = given_away(std::move(found.images), {arcs, 28, 28});
        all["context"] = given_away(std::move(found.context), {arcs, FEATURES});
        all["image"] = nb::make_tuple(
            given_away(std::move(image.ink), {size_t(image.height), size_t(image.width)}),
            image.scale, image.left, image.top);
        return all;
    }

    LineSettings is_;
};

// A network for digit images that owns its numbers.
struct DigitNetwork {
    Aligned<Parameters> parameters;
    mutable Spare spare;
    Network network;
    DigitNetwork(const std::array<int, 3>& codes, const Flat& numbers, const std::string& kernels)
        : parameters(copied(numbers)),
          network{description_of(codes[0], codes[1], codes[2]), parameters.get(),
                  &kernels_named(kernels), Table(*parameters), spare} {}
};

template <class Array>
std::vector<float> copy_of(const Array& given) {
    const float* const numbers = numbers_of(given);
    return {numbers, numbers + given.size()};
}

ArcScores arc_scores(const std::tuple<Rows, Row, Rows, Row>& layer, const NamedNumbers& is) {
    const Rows &hidden = std::get<0>(layer), &output = std::get<2>(layer);
    const Row &hidden_bias = std::get<1>(layer), &output_bias = std::get<3>(layer);
    const size_t units = hidden.shape(0);
    expect(hidden.shape(1) == DIGITS + 1 + FEATURES && 0 < units && units <= 1024,
           "expected 1 … 1,024 units that see penalties and context");
    expect(hidden_bias.shape(0) == units && output.shape(1) == units &&
               output.shape(0) == ARC_CLASSES && output_bias.shape(0) == ARC_CLASSES,
           "expected a bias for each unit, and 12 classes");
    return {DIGITS + 1 + FEATURES, static_cast<long>(units), copy_of(hidden),
            copy_of(hidden_bias), copy_of(output), copy_of(output_bias),
            {is("rubbish", -MOST, MOST), is("min_log_prob", -MOST, 0), is("scale", 1e-6, MOST),
             is("segment_weight", -MOST, MOST), is("nothing_cost", -MOST, MOST),
             is("outside", -MOST, MOST)}};
}

ReaderSettings reader_settings(const NamedNumbers& is) {
    const long beam = is.whole("beam", 1, 1024);
    return {{static_cast<size_t>(beam), is("spread", 0, MOST), is("min_class_log_prob", -MOST, 0)},
            is("min_log_prob", -MOST, 0), is("sdnn_weight", 0, MOST), is("digit_weight", 0, 1),
            is("digit_temperature", 1e-6, MOST), is.whole("stride", 1, 4096),
            is.whole("seen", 1, 4096), is("half_width", 0, MOST)};
}

std::vector<SdnnNetwork::Given> layers_of(const std::vector<Layer>& layers) {
    std::vector<SdnnNetwork::Given> given;
    for (const Layer& layer : layers) {
        const auto& weights = layer.first;
        expect(layer.second.shape(0) == weights.shape(3), "expected a bias for each map");
        const auto side = [&](int axis) { return static_cast<long>(weights.shape(axis)); };
        given.push_back({side(0), side(1), side(2), side(3), numbers_of(weights),
                         numbers_of(layer.second)});
    }
    return given;
}

class Reader {
   public:
    using Codes = std::array<int, 3>;

    Reader(const LinePreparation& preparation, const nb::dict& settings,
           const std::tuple<Rows, Row, Rows, Row>& context_layer,
           const std::pair<Codes, Flat>& candidates, const std::pair<Codes, Flat>& digits,
           const std::vector<Layer>& sdnn, const Tone& tone, int threads,
           const std::string& kernels)
        : candidates_(candidates.first, candidates.second, kernels),
          digits_(digits.first, digits.second, kernels),
          sdnn_(layers_of(sdnn), kernels_named(kernels)),
          tone_(tone_of(tone), tone_of(tone) + 256),
          reader_(preparation.settings(), reader_settings(NamedNumbers(settings)["reading"]),
                  arc_scores(context_layer, NamedNumbers(settings)["arcs"]), candidates_.network,
                  digits_.network, sdnn_, tone_.data(), checked_threads(threads)) {
        expect(sdnn_.classes() == DIGITS + 1 &&
                   sdnn_.places(preparation.settings().image_height,
                                2 * preparation.settings().image_margin + 1) > 0,
               "expected an SDNN of 11 classes for line images of this height");
    }

    // Texts and their log-probabilities; boxes and images of the best one's digits.
    nb::object read(const Plane& plane, bool closer) const {
        const Grey grey(plane);
        LineText found = without_lock(
            [&] { return reader_.read(grey.values.data(), grey.height, grey.width, closer); });
        if (found.n_best.texts.empty()) return nb::none();
        const size_t count = found.boxes.size() / 4;
        return nb::make_tuple(found.n_best.texts, found.n_best.graph, found.n_best.sdnn,
                              given_away(std::move(found.boxes), {count, 4}),
                              given_away(std::move(found.images), {count, 28, 28}));
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
    std::vector<float> tone_;
    LineReader reader_;
};

}  // namespace

void bind_lines(nb::module_& m) {
    nb::class_<DigitPreparation>(m, "DigitPreparation")
        .def(nb::init<const nb::dict&>(), "settings"_a)
        .def("digit", &DigitPreparation::digit, exact("grey"))
        .def("centred", &DigitPreparation::centred, exact("ink"));
    nb::class_<LinePreparation>(m, "LinePreparation")
        .def(nb::init<const nb::dict&>(), "settings"_a)
        .def("cut", &LinePreparation::cut, exact("grey"), "closer"_a)
        .def("cut_ink", &LinePreparation::cut_ink, exact("ink"))
        .def("ink", &LinePreparation::ink, exact("grey"), "field"_a, "page"_a)
        .def("page_parts", &LinePreparation::page_parts, exact("grey"), "field"_a);
    nb::class_<Reader>(m, "LineReader")
        .def(nb::init<const LinePreparation&, const nb::dict&,
                      const std::tuple<Rows, Row, Rows, Row>&, const std::pair<Reader::Codes, Flat>&,
                      const std::pair<Reader::Codes, Flat>&, const std::vector<Layer>&, const Tone&,
                      int, const std::string&>(),
             "preparation"_a, "settings"_a, exact("context_layer"), exact("candidates"),
             exact("digits"), exact("sdnn"), exact("tone"), "threads"_a = 1, "kernels"_a = "")
        .def("read", &Reader::read, exact("grey"), "closer"_a = true)
        .def("penalties", &Reader::penalties, exact("images"), exact("context"), exact("first"),
             exact("last"));
}
