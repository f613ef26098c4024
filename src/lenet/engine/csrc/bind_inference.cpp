// Classifier: a trained network for Python. Every loop runs without the interpreter's lock.
#include <algorithm>

#include "arrays.hpp"
#include "inference.hpp"

namespace {

Size size_of(const Planes& planes) {
    const Size size{static_cast<Index>(planes.shape(1)), static_cast<Index>(planes.shape(2))};
    if (size.rows < 32 || size.columns < 32 || size.rows % 4 || size.columns % 4)
        throw std::invalid_argument("expected planes with sides of at least 32, divisible by 4");
    constexpr Index most = Index{1} << 28;  // pixels; even no plane may have sides of any length
    if (size.rows > most / size.columns)
        throw std::invalid_argument("expected planes of at most 2^28 pixels");
    return size;
}

// The kind of this name, of those in the order of network.hpp.
template <class Kind>
Kind named(const std::string& name, const std::vector<std::string>& names) {
    const auto place = std::find(names.begin(), names.end(), name);
    if (place == names.end()) throw std::invalid_argument("the kernels do not know: " + name);
    return Kind(place - names.begin());
}

Architecture architecture_of(const std::string& squash, const std::string& subsampling,
                             const std::string& head) {
    return {named<Squash>(squash, {"scaled tanh", "tanh", "relu", "silu"}),
            named<Subsampling>(subsampling, {"trainable", "average", "max"}),
            named<Head>(head, {"rbf", "linear"})};
}

class Classifier {
   public:
    Classifier(const Architecture& is, const Flat& parameters, const std::string& kernels)
        : parameters_(copied(parameters.data())),
          network_{is, parameters_.get(), &kernels_named(kernels), Table(*parameters_), pool_} {}

    // Into an array of Python's: making one here takes a tenth of the time of a single image.
    void penalties(const Images& images, const ByteToPlane& byte_to_plane, const Penalties& into,
                   int threads) const {
        if (into.shape(0) != images.shape(0))
            throw std::invalid_argument("expected a row of penalties for each image");
        const float* const values = byte_to_plane_of(byte_to_plane);
        float* const to = numbers_of(into);
        const int workers = checked_threads(threads);
        const nb::gil_scoped_release unlocked;
        penalties_of_images(network_, images.data(), values, images.shape(0), workers, to);
    }

    Result plane_penalties(const Planes& planes, int threads) const {
        const Size size = size_of(planes);
        const Geometry g(size);
        Result result = array_of(
            {planes.shape(0), size_t(g.c5.rows), size_t(g.c5.columns), CLASSES});
        const float* const values = numbers_of(planes);
        const nb::gil_scoped_release unlocked;
        penalties_of_planes(network_, values, size, planes.shape(0), checked_threads(threads),
                            result.data());
        return result;
    }

    nb::list stages(const Planes& planes, int threads) const {
        const Size size = size_of(planes);
        const Geometry g(size);
        const Size sides[] = {g.c1, g.s2, g.c3, g.s4, g.c5, g.c5, g.c5};
        const size_t lanes[] = {C1, S2, C3, S4, C5, F6, OUTPUT};
        const float* const values = numbers_of(planes);
        std::vector<Result> results;
        for (int k = 0; k < 7; ++k)
            results.push_back(array_of({planes.shape(0), size_t(sides[k].rows),
                                        size_t(sides[k].columns), lanes[k]}));
        {
            const nb::gil_scoped_release unlocked;
            stages_of_planes(network_, values, size, planes.shape(0), checked_threads(threads),
                             {nullptr, results[0].data(), results[1].data(), results[2].data(),
                              results[3].data(), results[4].data(), results[5].data(),
                              results[6].data()});
        }
        nb::list given;
        for (Result& result : results) given.append(result);
        return given;
    }

   private:
    Aligned<Parameters> parameters_;
    mutable BufferPool pool_;
    Network network_;
};

}  // namespace

void bind_inference(nb::module_& m) {
    nb::class_<Architecture>(m, "Architecture").def(
        "__init__",
        [](Architecture* made, const std::string& squash, const std::string& subsampling,
           const std::string& head) {
            new (made) Architecture(architecture_of(squash, subsampling, head));
        },
        nb::kw_only(), "squash"_a, "subsampling"_a, "head"_a);
    nb::class_<Classifier>(m, "Classifier")
        .def(nb::init<const Architecture&, const Flat&, const std::string&>(), "architecture"_a,
             exact("parameters"), "kernels"_a = "")
        .def("penalties", &Classifier::penalties, exact("images"), exact("byte_to_plane"),
             exact("into"), "threads"_a = 1)
        .def("plane_penalties", &Classifier::plane_penalties, exact("planes"), "threads"_a = 1)
        .def("stages", &Classifier::stages, exact("planes"), "threads"_a = 1);
}
