// Preparing digits and lines, for Python: constants are checked once, when an object is made; a
// call takes a grey plane and returns what it holds.
#include "bind_preparation.hpp"

#include <nanobind/stl/array.h>

namespace {

class DigitPreparation {
   public:
    explicit DigitPreparation(const nb::dict& settings)
        : is_(digit_settings(settings_of(settings))) {}

    // The digit's image (28, 28) and its box; nothing for a plane without ink.
    nb::object digit(const Plane& plane) const {
        std::vector<unsigned char> image(28 * 28);
        std::array<Index, 4> box;
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

Index checked_field(Index field) {
    expect(field > 0 && field < MOST_SIDE && field % 2, "expected an odd field above 0");
    return field;
}

}  // namespace

Settings settings_of(const nb::dict& given) {
    Settings found;
    for (const auto [step, numbers] : given) {
        std::string step_name, name;
        nb::dict inner;
        if (!nb::try_cast(step, step_name) || !nb::try_cast(numbers, inner)) continue;
        auto& into = found.steps[step_name];
        for (const auto [key, number] : inner) {
            double value;
            if (nb::try_cast(key, name) && nb::try_cast(number, value)) into[name] = value;
        }
    }
    return found;
}

nb::tuple given_away(Segments is) {
    const size_t count = is.mass.size(), high = size_t(is.height), wide = size_t(is.width);
    return nb::make_tuple(given_away(std::move(is.ink), {high, wide}),
                          given_away(std::move(is.labels), {high, wide}),
                          given_away(std::move(is.boxes), {count, 4}),
                          given_away(std::move(is.parts), {count}),
                          given_away(std::move(is.mass), {count}), is.text_height);
}

LinePreparation::LinePreparation(const nb::dict& settings)
    : is_(line_settings(settings_of(settings))) {}

nb::dict LinePreparation::cut(const Plane& plane, bool closer) const {
    const Grey grey(plane);
    CutLine cut = without_lock([&] {
        return cut_line(grey.values.data(), grey.height, grey.width, closer, is_);
    });
    return described(std::move(cut));
}

nb::dict LinePreparation::cut_ink(const Plane& plane) const {
    Grey ink(plane);
    CutLine cut;
    cut.segments = segments_of(std::move(ink.values), ink.height, ink.width, is_);
    return described(std::move(cut));
}

nb::object LinePreparation::ink(const Plane& plane, Index field, bool page) const {
    const Grey grey(plane);
    return given_away(line_ink(grey.values.data(), grey.height, grey.width, checked_field(field),
                               page, is_),
                      {size_t(grey.height), size_t(grey.width)});
}

nb::tuple LinePreparation::page_parts(const Plane& plane, Index field) const {
    const Grey grey(plane);
    checked_field(field);
    PartList parts = without_lock([&] {
        return ::page_parts(grey.values.data(), grey.height, grey.width, field, is_);
    });
    const size_t count = parts.mass.size();
    return nb::make_tuple(given_away(std::move(parts.boxes), {count, 4}),
                          given_away(std::move(parts.mass), {count}));
}

nb::dict LinePreparation::described(CutLine cut) const {
    Candidates found = candidates_of(cut.segments, is_);
    LineImage image = image_of(cut.segments, is_);
    const size_t arcs = found.first.size();
    nb::dict all;
    all["scale"] = cut.frame.scale;
    all["corner"] = nb::make_tuple(cut.frame.top, cut.frame.left);
    all["segments"] = given_away(std::move(cut.segments));
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

nb::object LinePreparation::windows(const Plane& ink, const Labels& labels, const Shares& shares,
                                    Index tall, Index broad, bool averaged,
                                    const Places& places) const {
    const auto height = static_cast<Index>(ink.shape(0)), width = static_cast<Index>(ink.shape(1));
    const auto count = static_cast<Index>(places.shape(0));
    expect(ink.size() > 0 && labels.shape(0) == ink.shape(0) && labels.shape(1) == ink.shape(1),
           "expected a label for each pixel");
    expect(0 < tall && tall <= MOST_SIDE && 0 < broad && broad <= MOST_PIXELS / tall,
           "expected a size of 1 … 2^28 pixels");
    for (Index k = 0; k < height * width; ++k)
        expect(0 <= labels.data()[k] && labels.data()[k] < std::int64_t(shares.size()),
               "expected a share for each label");
    for (Index k = 0; k < 2 * count; ++k)
        expect(-28 <= places.data()[k] && places.data()[k] <= (k % 2 ? broad : tall),
               "expected places within the line");
    return given_away(without_lock([&] {
                          return ::windows(numbers_of(ink), labels.data(), height, width,
                                           numbers_of(shares), tall, broad,
                                           averaged ? Way::box : Way::bilinear, places.data(),
                                           count);
                      }),
                      {size_t(count), 28, 28});
}

void bind_preparation(nb::module_& m) {
    nb::class_<DigitPreparation>(m, "DigitPreparation")
        .def(nb::init<const nb::dict&>(), "settings"_a)
        .def("digit", &DigitPreparation::digit, exact("grey"))
        .def("centred", &DigitPreparation::centred, exact("ink"));
    nb::class_<LinePreparation>(m, "LinePreparation")
        .def(nb::init<const nb::dict&>(), "settings"_a)
        .def("cut", &LinePreparation::cut, exact("grey"), "closer"_a)
        .def("cut_ink", &LinePreparation::cut_ink, exact("ink"))
        .def("ink", &LinePreparation::ink, exact("grey"), "field"_a, "page"_a)
        .def("page_parts", &LinePreparation::page_parts, exact("grey"), "field"_a)
        .def("windows", &LinePreparation::windows, exact("ink"), exact("labels"), exact("shares"),
             "tall"_a, "broad"_a, "averaged"_a, exact("places"));
}
