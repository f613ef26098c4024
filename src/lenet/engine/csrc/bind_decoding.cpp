// The searches for texts alone, for the tests that compare each with Python's. Arcs are copied and
// checked here, so that the searches may trust every index.
#include <nanobind/stl/tuple.h>

#include "arrays.hpp"
#include "expect.hpp"
#include "n_best.hpp"

namespace {

using Nodes = Given<std::int64_t, nb::shape<-1>>;
using ByDigit = Given<double, nb::shape<-1, DIGITS>>;
using Nothing = Given<double, nb::shape<-1>>;
using Outputs = Given<float, nb::shape<-1, DIGITS + 1>>;
using Found = std::tuple<std::vector<std::vector<int>>, std::vector<double>, std::vector<double>>;

Arcs checked(const Nodes& first, const Nodes& last, const ByDigit& digits, const Nothing& nothing,
             Index nodes) {
    const size_t count = first.shape(0);
    expect(last.shape(0) == count && digits.shape(0) == count && nothing.shape(0) == count,
           "expected two nodes, ten penalties and one more for each arc");
    expect(0 <= nodes && nodes <= 4096, "expected 0 … 4,096 nodes");
    const std::int64_t *const from = numbers_of(first), *const to = numbers_of(last);
    Arcs arcs{{from, from + count}, {to, to + count}, numbers_of(digits), numbers_of(nothing),
              nodes};
    for (size_t k = 0; k < count; ++k) {
        expect(0 <= arcs.first[k] && arcs.first[k] < arcs.last[k] && arcs.last[k] <= nodes,
               "expected arcs that lead onwards, between nodes that are there");
        expect(!k || arcs.first[k - 1] <= arcs.first[k],
               "expected arcs sorted by their first node");
    }
    return arcs;
}

LogProbs checked(const Outputs& outputs) {
    expect(outputs.shape(0) > 0, "expected one place at least");
    return {numbers_of(outputs), static_cast<Index>(outputs.shape(0))};
}

void check(const std::vector<int>& text) {
    for (int value : text) expect(0 <= value && value < DIGITS, "expected digits 0 … 9");
}

Found n_best(const Nodes& first, const Nodes& last, const ByDigit& digits, const Nothing& nothing,
             Index nodes, const Outputs& outputs, Index beam, double spread, double least) {
    const Arcs arcs = checked(first, last, digits, nothing, nodes);
    expect(0 < beam && beam <= 1024, "expected 1 … 1,024 texts");
    NBest found = find_n_best(arcs, checked(outputs), {static_cast<size_t>(beam), spread, least});
    return {std::move(found.texts), std::move(found.graph), std::move(found.sdnn)};
}

std::vector<std::pair<Index, int>> path(const Nodes& first, const Nodes& last,
                                        const ByDigit& digits, const Nothing& nothing, Index nodes,
                                        const std::vector<int>& text) {
    const Arcs arcs = checked(first, last, digits, nothing, nodes);
    check(text);
    if (text.size() > first.shape(0)) return {};  // no path has so many arcs
    return cheapest_path(arcs, text);
}

std::vector<std::pair<Index, Index>> aligned_places(const Outputs& outputs,
                                                    const std::vector<int>& text) {
    check(text);
    expect(text.size() <= outputs.shape(0), "expected a place for each digit");
    return align(checked(outputs), text);
}

}  // namespace

void bind_decoding(nb::module_& m) {
    m.def("n_best", &n_best, exact("first"), exact("last"), exact("digits"), exact("nothing"),
          "nodes"_a, exact("outputs"), "beam"_a, "spread"_a, "least"_a);
    m.def("path", &path, exact("first"), exact("last"), exact("digits"), exact("nothing"),
          "nodes"_a, "text"_a);
    m.def("align", &aligned_places, exact("outputs"), "text"_a);
}
