// From pieces to candidates and strips, for Python. Results are written into arrays that Python
// made; shapes and values are checked here, so that the kernels may trust them.
#include <cmath>

#include "candidates.hpp"
#include "planes.hpp"

namespace {

constexpr long MOST_PIXELS = 1L << 24;  // of a strip before it is brought to its size

Centring centring(size_t side, size_t across, long box, float inked, float stroke, double middle,
                  double quantile) {
    const auto pixels = static_cast<long>(side);
    expect(side == across && 0 < box && box <= pixels && pixels < 1024,
           "expected square images with room for the square of a digit");
    expect(inked > 0 && stroke >= 0 && stroke < 1 && std::fabs(middle) <= 1024 &&
               quantile >= 0 && quantile <= 1,
           "expected shares of ink and a middle inside");
    return {pixels, box, inked, stroke, middle, quantile};
}

bool centred(const Plane& ink, long box, float inked, float stroke, double middle, double quantile,
             IntoImage image) {
    const Centring by = centring(image.shape(0), image.shape(1), box, inked, stroke, middle,
                                 quantile);
    return centre(shades_of(ink), high(ink), wide(ink), by, numbers_of(image));
}

Line line_of(const Plane& ink, const Numbers& labels) {
    expect_alike(ink, labels);
    return {shades_of(ink), numbers_of(labels), high(ink), wide(ink)};
}

std::int64_t candidates(const Plane& ink, const Numbers& labels, const Boxes& boxes,
                        const Order& parts, const Given<double, nb::shape<-1>>& mass,
                        double height, std::pair<double, double> band, long most, double widest,
                        long box, float inked, float stroke, double middle, double quantile,
                        IntoOrder first, IntoOrder last,
                        Into<unsigned char, nb::shape<-1, -1, -1>> images,
                        Into<std::int64_t, nb::shape<-1, 4>> found,
                        Into<float, nb::shape<-1, FEATURES>> places) {
    const Line line = line_of(ink, labels);
    const size_t count = boxes.shape(0);
    const std::int64_t* side = numbers_of(boxes);
    for (size_t k = 0; k < count; ++k, side += 4)
        expect(0 <= side[0] && side[0] < side[2] && side[2] <= line.height && 0 <= side[1] &&
                   side[1] < side[3] && side[3] <= line.width,
               "expected boxes inside the line");
    expect(parts.shape(0) == count && mass.shape(0) == count,
           "expected a part and a mass for each piece");
    expect(height > 0 && std::isfinite(height) && std::isfinite(band.first + band.second),
           "expected a text of some height");
    expect(0 < most && most <= 1000, "expected 1 … 1,000 pieces to be joined");
    const size_t room = count * static_cast<size_t>(most);
    expect(first.shape(0) == room && last.shape(0) == room && images.shape(0) == room &&
               found.shape(0) == room && places.shape(0) == room,
           "expected room for all unions");
    expect_apart(labels, first, last, images, found, places);
    expect_apart(boxes, first, last, images, found, places);
    const Centring by = centring(images.shape(1), images.shape(2), box, inked, stroke, middle,
                                 quantile);
    return list_candidates(line,
                           {numbers_of(boxes), numbers_of(parts), numbers_of(mass),
                            static_cast<long>(count), height, band.first, band.second},
                           most, widest, by,
                           {numbers_of(first), numbers_of(last), numbers_of(found),
                            numbers_of(images), numbers_of(places)});
}

void strip(const Plane& ink, const Numbers& labels, long top, long bottom, long left, long right,
           long aside, IntoImage into) {
    const Line line = line_of(ink, labels);
    expect(-MOST_PIXELS < top && top < bottom && bottom < MOST_PIXELS && 0 <= left &&
               left < right && right <= line.width &&
               bottom - top <= MOST_PIXELS / (right - left),
           "expected rows and columns of a line");
    expect(aside >= 0 && aside < MOST_PIXELS && high(into) > 0 && wide(into) > 2 * aside,
           "expected a strip that is wider than its margins");
    draw_strip(line, top, bottom, left, right, high(into), wide(into) - 2 * aside, aside,
               numbers_of(into));
}

std::pair<double, double> text_band(const Boxes& boxes, double least) {
    expect(boxes.shape(0) > 0, "expected at least one box");
    return band_of(numbers_of(boxes), static_cast<long>(boxes.shape(0)), least);
}

}  // namespace

void bind_candidates(nb::module_& m) {
    m.def("centre", &centred, exact("ink"), "box"_a, "inked"_a, "stroke"_a, "middle"_a,
          "quantile"_a, exact("image"));
    m.def("candidates", &candidates, exact("ink"), exact("labels"), exact("boxes"), exact("parts"),
          exact("mass"), "height"_a, "band"_a, "most"_a, "widest"_a, "box"_a, "inked"_a,
          "stroke"_a, "middle"_a, "quantile"_a, exact("first"), exact("last"), exact("images"),
          exact("found"), exact("places"));
    m.def("strip", &strip, exact("ink"), exact("labels"), "top"_a, "bottom"_a, "left"_a,
          "right"_a, "aside"_a, exact("into"));
    m.def("text_band", &text_band, exact("boxes"), "least"_a);
}
