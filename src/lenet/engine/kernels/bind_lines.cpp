// What reading a line does pixel by pixel, for Python. Results are written into arrays that Python
// made; shapes are checked here, so that the kernels may trust every index.
#include "arrays.hpp"
#include "lines.hpp"

namespace {

template <class T, class Shape>
using Into = nb::ndarray<T, Shape, nb::c_contig, nb::device::cpu>;
using Plane = Given<float, nb::shape<-1, -1>>;
using Mask = Given<bool, nb::shape<-1, -1>>;
using Numbers = Given<std::int64_t, nb::shape<-1, -1>>;
using IntoPlane = Into<float, nb::shape<-1, -1>>;
using IntoNumbers = Into<std::int64_t, nb::shape<-1, -1>>;

void expect(bool so, const char* what) {
    if (!so) throw std::invalid_argument(what);
}

template <class A, class B>
void expect_alike(const A& one, const B& other) {
    expect(one.shape(0) == other.shape(0) && one.shape(1) == other.shape(1),
           "expected two planes of one size");
}

template <class Array>
long high(const Array& plane) { return static_cast<long>(plane.shape(0)); }
template <class Array>
long wide(const Array& plane) { return static_cast<long>(plane.shape(1)); }

const unsigned char* bytes_of(const Mask& mask) {
    return reinterpret_cast<const unsigned char*>(mask.data());
}

std::int64_t label(const Mask& mask, IntoNumbers labels) {
    expect_alike(mask, labels);
    return label_parts(bytes_of(mask), high(mask), wide(mask), numbers_of(labels));
}

void prices(const Plane& ink, float aslant, IntoPlane into) {
    expect_alike(ink, into);
    expect(high(ink) > 0, "expected at least one row");
    price_paths(numbers_of(ink), high(ink), wide(ink), aslant, numbers_of(into));
}

void follow(const Plane& priced, float aslant, long row, bool down, IntoNumbers paths) {
    expect(wide(paths) == high(priced) && 0 <= row && row < high(priced),
           "expected paths with a column for each row, and one of these rows");
    std::int64_t* const at = numbers_of(paths);
    for (long k = 0; k < high(paths); ++k)
        expect(0 <= at[k * wide(paths) + row] && at[k * wide(paths) + row] < wide(priced),
               "expected paths that start inside");
    follow_paths(numbers_of(priced), high(priced), wide(priced), aslant, row,
                 down ? high(priced) : -1, down ? 1 : -1, at, high(paths));
}

void running_max(const Plane& plane, long size, int axis, IntoPlane into) {
    expect_alike(plane, into);
    expect(size > 0 && (axis == 0 || axis == 1), "expected a size above 0 and axis 0 or 1");
    expect(size <= 2 * std::max(high(plane), wide(plane)) + 1, "expected a smaller size");
    running_maximum(numbers_of(plane), high(plane), wide(plane), size, axis, numbers_of(into));
}

void box_sum(const Plane& plane, long size, IntoPlane into) {
    expect_alike(plane, into);
    expect(size > 0 && size % 2, "expected an odd size above 0");
    sum_squares(numbers_of(plane), high(plane), wide(plane), size, numbers_of(into));
}

void run_lengths(const Mask& mask, int axis, IntoNumbers into) {
    expect_alike(mask, into);
    expect(axis == 0 || axis == 1, "expected axis 0 or 1");
    measure_runs(bytes_of(mask), high(mask), wide(mask), axis, numbers_of(into));
}

void measured(const Numbers& labels, const Plane& ink, IntoNumbers boxes,
              Into<double, nb::shape<-1>> mass) {
    expect_alike(labels, ink);
    const auto count = static_cast<std::int64_t>(boxes.shape(0));
    expect(boxes.shape(1) == 4 && mass.shape(0) == boxes.shape(0),
           "expected four sides and one mass for each label");
    const std::int64_t* const named = numbers_of(labels);
    for (size_t k = 0; k < labels.size(); ++k)
        expect(0 <= named[k] && named[k] <= count, "expected labels that are there");
    measure_labels(named, numbers_of(ink), high(ink), wide(ink), count, numbers_of(boxes),
                   numbers_of(mass));
}

}  // namespace

void bind_lines(nb::module_& m) {
    m.def("label", &label, exact("mask"), exact("labels"));
    m.def("prices", &prices, exact("ink"), "aslant"_a, exact("into"));
    m.def("follow", &follow, exact("priced"), "aslant"_a, "row"_a, "down"_a, exact("paths"));
    m.def("running_max", &running_max, exact("plane"), "size"_a, "axis"_a, exact("into"));
    m.def("box_sum", &box_sum, exact("plane"), "size"_a, exact("into"));
    m.def("run_lengths", &run_lengths, exact("mask"), "axis"_a, exact("into"));
    m.def("measured", &measured, exact("labels"), exact("ink"), exact("boxes"), exact("mass"));
}
