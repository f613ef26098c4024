// What turns an image into candidates, step by step, for Python. Results are written into arrays
// that Python made; shapes and values are checked here, so that the kernels may trust them.
#include <cmath>

#include "background.hpp"
#include "planes.hpp"
#include "resample.hpp"

namespace {

constexpr long MOST_BINS = 65536, MOST_SIDE = 1L << 20;

// The numbers of an array of at least one, all of which can be reckoned with.
template <class Array>
const float* moderate(const Array& values) {
    const float* const numbers = numbers_of(values);
    expect(values.size() > 0, "expected at least one value");
    int outside = 0;
    for (size_t k = 0; k < values.size(); ++k) outside |= !(std::fabs(numbers[k]) <= 1e9f);
    expect(!outside, "expected finite values below 1e9");
    return numbers;
}

bool is_dark_on_light(const Plane& grey, long thumb, double even) {
    expect(0 < thumb && thumb <= MOST_SIDE, "expected a thumbnail of at least one pixel");
    return dark_on_light(moderate(grey), high(grey), wide(grey), thumb, even);
}

float threshold(const Given<float, nb::shape<-1>>& values, long bins) {
    expect(0 < bins && bins <= MOST_BINS, "expected bins");
    return otsu(moderate(values), static_cast<long>(values.size()), bins);
}

void writing(const Plane& grey, long field, long thumb, double even, long bins, float least,
             float paper, double grain, double faint, double most_faint, IntoPlane into) {
    expect_alike(grey, into);
    expect(field > 0 && field % 2 && field <= 2 * std::max(high(grey), wide(grey)) + 1,
           "expected an odd field above 0, no larger than the plane needs");
    expect(0 < thumb && thumb <= MOST_SIDE && 0 < bins && bins <= MOST_BINS,
           "expected a thumbnail and bins");
    expect(0 < paper && paper < 1e6f && 0 <= grain && grain < 1e6 && 0 <= faint && faint < 1 &&
               0 <= most_faint && most_faint < 1,
           "expected weights of paper and grain, and shares of full ink below 1");
    find_line_ink(shades_of(grey), high(grey), wide(grey), field,
                 {thumb, even, bins, least, paper, grain, faint, most_faint}, numbers_of(into));
}

void resized(const Plane& plane, const std::string& way, IntoPlane into) {
    static const std::vector<std::string> ways{"box", "bilinear", "bicubic"};
    const auto chosen = std::find(ways.begin(), ways.end(), way) - ways.begin();
    expect(chosen < 3, "expected box, bilinear or bicubic");
    expect(plane.size() > 0 && into.size() > 0, "expected planes of at least one pixel");
    resample(numbers_of(plane), high(plane), wide(plane), high(into), wide(into), Way(chosen),
             numbers_of(into));
}

}  // namespace

void bind_preparation(nb::module_& m) {
    m.def("is_dark_on_light", &is_dark_on_light, exact("grey"), "thumb"_a, "even"_a);
    m.def("otsu", &threshold, exact("values"), "bins"_a);
    m.def("find_line_ink", &writing, exact("grey"), "field"_a, "thumb"_a, "even"_a, "bins"_a,
          "least"_a, "paper"_a, "grain"_a, "faint"_a, "most_faint"_a, exact("into"));
    m.def("resized", &resized, exact("plane"), "way"_a, exact("into"));
}
