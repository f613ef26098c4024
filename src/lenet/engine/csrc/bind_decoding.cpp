// What a line says, for Python. Arcs are copied and checked here, so that the searches may trust
// every index though another thread changes the arrays.
#include <nanobind/stl/array.h>
#include <nanobind/stl/tuple.h>

#include "arc_scores.hpp"
#include "arrays.hpp"
#include "n_best.hpp"
#include "expect.hpp"

namespace {

using Nodes = Given<std::int64_t, nb::shape<-1>>;
using ByDigit = Given<double, nb::shape<-1, DIGITS>>;
using Nothing = Given<double, nb::shape<-1>>;
using Shares = Given<float, nb::shape<-1, DIGITS + 1>>;

constexpr long MOST_NODES = 1 << 12, MOST_FOUND = 1 << 10;

Arcs checked(const Nodes& first, const Nodes& last, const ByDigit& digits, const Nothing& nothing,
             long nodes) {
    const size_t count = first.shape(0);
    expect(last.shape(0) == count && digits.shape(0) == count && nothing.shape(0) == count,
           "expected two nodes, ten penalties and one more for each arc");
    expect(0 <= nodes && nodes <= MOST_NODES, "expected 0 … 4,096 nodes");
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

std::tuple<std::vector<std::vector<int>>, std::vector<double>, std::vector<double>> proposals(
    const Nodes& first, const Nodes& last, const ByDigit& digits, const Nothing& nothing,
    long nodes, const Shares& shares, long most, double spread, double least) {
    const Arcs arcs = checked(first, last, digits, nothing, nodes);
    const Places places{numbers_of(shares), static_cast<long>(shares.shape(0))};
    expect(places.count > 0, "expected one place at least");
    expect(0 < most && most <= MOST_FOUND, "expected 1 … 1,024 texts");
    const nb::gil_scoped_release unlocked;
    Proposed found = propose(arcs, places, {static_cast<size_t>(most), spread, least});
    return {std::move(found.texts), std::move(found.cut), std::move(found.wide)};
}

std::vector<std::pair<long, int>> path(const Nodes& first, const Nodes& last, const ByDigit& digits,
                                       const Nothing& nothing, long nodes,
                                       const std::vector<int>& text) {
    const Arcs arcs = checked(first, last, digits, nothing, nodes);
    for (int value : text) expect(0 <= value && value < DIGITS, "expected digits 0 … 9");
    if (text.size() > first.shape(0)) return {};  // no path has so many arcs
    const nb::gil_scoped_release unlocked;
    return cheapest_path(arcs, text);
}

using Rows = Given<float, nb::shape<-1, -1>>;
using Row = Given<float, nb::shape<-1>>;
using Ten = Given<float, nb::shape<-1, DIGITS>>;
template <class Shape>
using Into = nb::ndarray<double, Shape, nb::c_contig, nb::device::cpu>;

template <class Array>
std::vector<float> copy_of(const Array& given) {
    const float* const numbers = numbers_of(given);
    return {numbers, numbers + given.size()};
}

ArcPrices arc_prices(const Rows& hidden, const Row& hidden_bias, const Rows& output,
                     const Row& output_bias, const std::array<double, 6>& constants) {
    const size_t units = hidden.shape(0), inputs = hidden.shape(1);
    expect(inputs <= 1024 && 0 < units && units <= 1024, "expected 1 … 1,024 inputs and units");
    expect(inputs > DIGITS && hidden_bias.shape(0) == units && output.shape(1) == units &&
               output.shape(0) == ARC_CLASSES && output_bias.shape(0) == ARC_CLASSES,
           "expected a layer of 11 inputs and more, and 12 classes");
    const auto& [rubbish, least_share, scale, pieces_weigh, nothing_costs, outside] = constants;
    return {static_cast<long>(inputs), static_cast<long>(units), copy_of(hidden),
            copy_of(hidden_bias), copy_of(output), copy_of(output_bias),
            {rubbish, least_share, scale, pieces_weigh, nothing_costs, outside}};
}

void price(const ArcPrices& prices, const Ten& penalties, const Rows& places, const Nodes& first,
           const Nodes& last, const Into<nb::shape<-1, DIGITS>>& digits,
           const Into<nb::shape<-1>>& nothing) {
    const size_t count = penalties.shape(0);
    for (size_t rows : {places.shape(0), first.shape(0), last.shape(0), digits.shape(0),
                        nothing.shape(0)})
        expect(rows == count, "expected as many rows as there are candidates");
    expect(static_cast<long>(places.shape(1)) == prices.inputs - (DIGITS + 1),
           "expected as many numbers of a place as the layer has inputs for");
    prices.price({numbers_of(penalties), numbers_of(places), numbers_of(first), numbers_of(last),
                  static_cast<long>(count)},
                 numbers_of(digits), numbers_of(nothing));
}

}  // namespace

void bind_decoding(nb::module_& m) {
    m.def("proposals", &proposals, exact("first"), exact("last"), exact("digits"),
          exact("nothing"), "nodes"_a, exact("places"), "most"_a, "spread"_a, "least"_a);
    m.def("path", &path, exact("first"), exact("last"), exact("digits"), exact("nothing"),
          "nodes"_a, "text"_a);
    nb::class_<ArcPrices>(m, "ArcPrices")
        .def(nb::new_(&arc_prices), exact("hidden"), exact("hidden_bias"), exact("output"),
             exact("output_bias"), "constants"_a)
        .def("price", &price, exact("penalties"), exact("places"), exact("first"), exact("last"),
             exact("digits"), exact("nothing"));
}
