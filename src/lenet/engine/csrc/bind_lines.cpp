// What reading a line does pixel by pixel, for Python. Results are written into arrays that Python
// made; shapes are checked here, so that the kernels may trust every index.
#include <cmath>

#include "morphology.hpp"
#include "oversegmentation.hpp"
#include "planes.hpp"

namespace {

constexpr long MOST_LEAST = 1L << 20;

const unsigned char* bytes_of(const Mask& mask) {
    return reinterpret_cast<const unsigned char*>(mask.data());
}

std::int64_t label(const Mask& mask, IntoNumbers labels) {
    expect_alike(mask, labels);
    if (!mask.size()) return 0;
    return label_parts(bytes_of(mask), high(mask), wide(mask), numbers_of(labels));
}

void running_max(const Plane& plane, long size, int axis, IntoPlane into) {
    expect_alike(plane, into);
    expect(size > 0 && (axis == 0 || axis == 1), "expected a size above 0 and axis 0 or 1");
    expect(size <= 2 * static_cast<long>(plane.shape(axis)) + 1, "expected a smaller size");
    if (!plane.size()) return;
    running_maximum(numbers_of(plane), high(plane), wide(plane), size, axis, numbers_of(into));
}

void remove_ruled_lines(const Plane& ink, float inked, long along, long upright, long edge,
                        long thin, IntoPlane into) {
    expect_alike(ink, into);
    expect(edge > 0, "expected an edge of some pixels");
    erase_ruled_lines(shades_of(ink), high(ink), wide(ink), {inked, along, upright, edge, thin},
                    numbers_of(into));
}

std::pair<std::int64_t, double> pieces(
    const Plane& ink, IntoNumbers labels, Into<std::int64_t, nb::shape<-1, 4>> boxes,
    IntoOrder parts, Into<double, nb::shape<-1>> mass, float aslant, float hole, float enclosing,
    float level, double barrier, long apart, float outlined, double notch, double aside,
    double same, float inked, float crossed, double dearest, double free, double sliver,
    long least) {
    expect_alike(ink, labels);
    expect_apart(labels, ink, boxes, parts, mass);
    const auto most = static_cast<long>(boxes.shape(0));
    expect(parts.shape(0) == boxes.shape(0) && mass.shape(0) == boxes.shape(0),
           "expected room for as many parts and masses as boxes");
    expect(inked >= 0 && inked < 1 && outlined >= 0 && aslant >= 0 && std::isfinite(aslant) &&
               hole >= 0 && hole <= 1 && least > 0 && least < MOST_LEAST,
           "expected strengths of ink and a text of some height");
    const Cutting by{aslant, hole, enclosing, level, barrier, apart, outlined, notch, aside,
                     same, inked, crossed, dearest, free, sliver, least, most};
    const Found found = cut_into_pieces(shades_of(ink), high(ink), wide(ink), by,
                                        numbers_of(labels), numbers_of(boxes), numbers_of(parts),
                                        numbers_of(mass));
    return {found.count, found.height};
}

void measured(const Numbers& labels, const Plane& ink, IntoNumbers boxes,
              Into<double, nb::shape<-1>> mass) {
    expect_alike(labels, ink);
    const auto count = static_cast<std::int64_t>(boxes.shape(0));
    expect(boxes.shape(1) == 4 && mass.shape(0) == boxes.shape(0),
           "expected four sides and one mass for each label");
    expect_apart(labels, boxes, mass);
    const std::int64_t* const named = numbers_of(labels);
    for (size_t k = 0; k < labels.size(); ++k)
        expect(0 <= named[k] && named[k] <= count, "expected labels that are there");
    measure_labels(named, numbers_of(ink), high(ink), wide(ink), count, numbers_of(boxes),
                   numbers_of(mass));
}

}  // namespace

void bind_lines(nb::module_& m) {
    m.def("label", &label, exact("mask"), exact("labels"));
    m.def("running_max", &running_max, exact("plane"), "size"_a, "axis"_a, exact("into"));
    m.def("remove_ruled_lines", &remove_ruled_lines, exact("ink"), "inked"_a, "along"_a,
          "upright"_a, "edge"_a, "thin"_a, exact("into"));
    m.def("pieces", &pieces, exact("ink"), exact("labels"), exact("boxes"), exact("parts"),
          exact("mass"), "aslant"_a, "hole"_a, "enclosing"_a, "level"_a, "barrier"_a, "apart"_a,
          "outlined"_a, "notch"_a, "aside"_a, "same"_a, "inked"_a, "crossed"_a, "dearest"_a,
          "free"_a, "sliver"_a, "least"_a);
    m.def("measured", &measured, exact("labels"), exact("ink"), exact("boxes"), exact("mass"));
}
