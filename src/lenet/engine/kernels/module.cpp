// The kernels as a Python module. Arrays come in C order and exact types; nothing is converted
// here, and every loop runs without the interpreter's lock. lenet.engine.native is the face of it.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "batches.hpp"
#include "dispatch.hpp"
#include "inference.hpp"
#include "parallel.hpp"
#include "training.hpp"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace {

template <class T, class Shape>
using Given = nb::ndarray<const T, Shape, nb::c_contig, nb::device::cpu>;
using Images = Given<unsigned char, nb::shape<-1, 28, 28>>;
using Planes = Given<float, nb::shape<-1, -1, -1>>;
using Tone = Given<float, nb::shape<256>>;
using Flat = Given<float, nb::shape<PARAMETERS>>;
using Labels = Given<int, nb::shape<-1>>;
using Order = Given<std::int64_t, nb::shape<-1>>;
using Targets = Given<float, nb::shape<-1, CLASSES>>;
using Bends = Given<float, nb::shape<6>>;  // Distortion's fields in order
using Settings = Given<float, nb::shape<7>>;  // AdamW's fields in order
using Result = nb::ndarray<nb::numpy, float>;

// A new array of this shape, 64-byte aligned.
Result array_of(std::vector<size_t> shape) {
    size_t count = 1;
    for (size_t side : shape) count *= side;
    float* memory = aligned_floats(count).release();
    nb::capsule owner(memory, [](void* held) noexcept { AlignedDelete()(held); });
    return Result(memory, shape.size(), shape.data(), owner);
}

Description description_of(int squash, int subsampling, int head) {
    if (squash < 0 || squash > 3 || subsampling < 0 || subsampling > 2 || head < 0 || head > 1)
        throw std::invalid_argument("unknown network description");
    return {Squash(squash), Subsampling(subsampling), Head(head)};
}

Aligned<Parameters> copied(const Flat& numbers) {
    auto parameters = aligned<Parameters>(sizeof(Parameters));
    std::memcpy(parameters.get(), numbers.data(), sizeof(Parameters));
    return parameters;
}

int checked(int threads) {
    if (threads < 1 || threads > 1024) throw std::invalid_argument("expected 1 … 1,024 threads");
    return threads;
}

Size size_of(const Planes& planes) {
    const Size size{static_cast<long>(planes.shape(1)), static_cast<long>(planes.shape(2))};
    if (size.rows < 32 || size.columns < 32 || size.rows % 4 || size.columns % 4)
        throw std::invalid_argument("expected planes with sides of at least 32, divisible by 4");
    return size;
}

class Classifier {
   public:
    Classifier(int squash, int subsampling, int head, const Flat& parameters,
               const std::string& kernels)
        : parameters_(copied(parameters)),
          network_{description_of(squash, subsampling, head), parameters_.get(),
                   &kernels_named(kernels), Table(*parameters_)} {}

    Result penalties(const Images& images, const Tone& tone, int threads) const {
        Result result = array_of({images.shape(0), CLASSES});
        const nb::gil_scoped_release unlocked;
        penalties_of_images(network_, images.data(), tone.data(), images.shape(0), checked(threads),
                            result.data());
        return result;
    }

    Result plane_penalties(const Planes& planes, int threads) const {
        const Size size = size_of(planes);
        const Geometry g(size);
        Result result = array_of(
            {planes.shape(0), size_t(g.c5.rows), size_t(g.c5.columns), CLASSES});
        const nb::gil_scoped_release unlocked;
        penalties_of_planes(network_, planes.data(), size, planes.shape(0), checked(threads),
                            result.data());
        return result;
    }

    nb::list stages(const Planes& planes, int threads) const {
        const Size size = size_of(planes);
        const Geometry g(size);
        const Size sides[] = {g.c1, g.s2, g.c3, g.s4, g.c5, g.c5, g.c5};
        const size_t lanes[] = {C1, S2, C3, S4, C5, F6, OUTPUT};
        std::vector<Result> results;
        for (int k = 0; k < 7; ++k)
            results.push_back(array_of({planes.shape(0), size_t(sides[k].rows),
                                        size_t(sides[k].columns), lanes[k]}));
        {
            const nb::gil_scoped_release unlocked;
            stages_of_planes(network_, planes.data(), size, planes.shape(0), checked(threads),
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
    Network network_;
};

// Checks what learning reads by index.
void check_order(const Order& order, size_t images) {
    for (size_t k = 0; k < order.shape(0); ++k)
        if (order.data()[k] < 0 || static_cast<size_t>(order.data()[k]) >= images)
            throw std::invalid_argument("the order names an image that is not there");
}

Result numbers(const Parameters& from) {
    Result result = array_of({PARAMETERS});
    std::memcpy(result.data(), &from, sizeof(Parameters));
    return result;
}
void set(Parameters& numbers, const Flat& to) { std::memcpy(&numbers, to.data(), to.nbytes()); }

class Learner {
   public:
    Learner(int squash, int subsampling, int head, bool discriminative, float rubbish,
            const Flat& parameters, const std::string& kernels)
        : trainer_(description_of(squash, subsampling, head), {discriminative, rubbish},
                   *copied(parameters), kernels_named(kernels)) {}

    Result parameters() { return numbers(trainer_.parameters()); }
    Result steps() { return numbers(trainer_.steps()); }
    void set_parameters(const Flat& to) { set(trainer_.parameters(), to); }
    void set_steps(const Flat& to) { set(trainer_.steps(), to); }

    long learn(const Images& images, const Labels& labels, const Tone& tone, const Order& order) {
        const Digits digits = digits_of(images, labels, tone, order);
        const nb::gil_scoped_release unlocked;
        return trainer_.learn(digits, order.data(), order.shape(0));
    }

    Result curvature(const Images& images, const Labels& labels, const Tone& tone,
                     const Order& order) {
        const Digits digits = digits_of(images, labels, tone, order);
        if (!order.shape(0)) throw std::invalid_argument("expected at least one digit, got none");
        {
            const nb::gil_scoped_release unlocked;
            trainer_.curvature(digits, order.data(), order.shape(0));
        }
        return numbers(trainer_.sums());
    }

   private:
    static Digits digits_of(const Images& images, const Labels& labels, const Tone& tone,
                            const Order& order) {
        if (labels.shape(0) != images.shape(0))
            throw std::invalid_argument("expected one label per image");
        check_order(order, images.shape(0));
        for (size_t k = 0; k < order.shape(0); ++k) {
            const int label = labels.data()[order.data()[k]];
            if (label < 0 || label >= CLASSES) throw std::invalid_argument("expected labels 0 … 9");
        }
        return {images.data(), labels.data(), tone.data()};
    }

    Trainer trainer_;
};

Distortion distortion_of(const Bends& bends) {
    const float* const b = bends.data();
    for (int k = 0; k < 6; ++k)
        if (!(b[k] >= 0 && b[k] < 1e6f))
            throw std::invalid_argument("expected a distortion of numbers from 0");
    if (b[5] < 0.5f || b[5] > 10) throw std::invalid_argument("expected a smoothness of 0.5 … 10");
    return {b[0], b[1], b[2], b[3], b[4], b[5]};
}

// Planes, (n, 32, 32), of images bent as the stream and their indices say.
Result distorted(const Images& images, const Order& indices, const Tone& tone, const Bends& bends,
                 std::uint64_t stream, const std::string& name) {
    if (indices.shape(0) != images.shape(0))
        throw std::invalid_argument("expected one index per image");
    const Kernels& kernels = kernels_named(name);
    const Distortion by = distortion_of(bends);
    Result planes = array_of({images.shape(0), 32, 32});
    const nb::gil_scoped_release unlocked;
    for (size_t k = 0; k < images.shape(0); ++k)
        kernels.distort(by, stream, indices.data()[k], images.data() + k * 28 * 28, tone.data(),
                        planes.data() + k * 32 * 32);
    return planes;
}

class BatchLearner {
   public:
    BatchLearner(int squash, int subsampling, int head, bool discriminative, float rubbish,
                 const Flat& parameters, const Flat& trained, const std::string& kernels)
        : trainer_(description_of(squash, subsampling, head), {discriminative, rubbish},
                   *copied(parameters), *copied(trained), kernels_named(kernels)) {}

    Result parameters() { return numbers(trainer_.parameters()); }
    Result mean() { return numbers(trainer_.mean()); }
    Result square() { return numbers(trainer_.square()); }
    void set_parameters(const Flat& to) { set(trainer_.parameters(), to); }
    void set_mean(const Flat& to) { set(trainer_.mean(), to); }
    void set_square(const Flat& to) { set(trainer_.square(), to); }

    std::pair<long, double> learn(const Images& images, const Targets& targets, const Tone& tone,
                                  const Order& order, const Bends& bends,
                                  std::uint64_t stream, const Settings& by, int threads) {
        if (targets.shape(0) != images.shape(0))
            throw std::invalid_argument("expected one target per image");
        if (!order.shape(0)) throw std::invalid_argument("expected at least one image, got none");
        check_order(order, images.shape(0));
        const Bending bending{distortion_of(bends), stream};
        const float* const b = by.data();
        const nb::gil_scoped_release unlocked;
        const auto result = trainer_.learn({images.data(), nullptr, tone.data()}, targets.data(),
                                           order.data(), order.shape(0),
                                           bending, {b[0], b[1], b[2], b[3], b[4], b[5], b[6]},
                                           checked(threads));
        return {result.errors, result.loss};
    }

   private:
    BatchTrainer trainer_;
};

// Multiply-adds a second with `threads` threads that do nothing else, in registers; times 2 flops.
double peak_flops(int threads, const std::string& name) {
    const Kernels& kernels = kernels_named(name);
    const nb::gil_scoped_release unlocked;
    constexpr long rounds = 2'000'000;
    std::atomic<long> done{0};
    const auto start = std::chrono::steady_clock::now();
    in_parallel(checked(threads), threads, [&] {
        return [&](long) { done += rounds * kernels.multiply_add(rounds); };
    });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    return 2.0 * done / taken.count();
}

// An argument that is taken as it is or refused.
auto exact(const char* name) { return nb::arg(name).noconvert(); }

}  // namespace

NB_MODULE(_kernels, m) {
    m.attr("PARAMETERS") = PARAMETERS;
    m.def("runnable", [] {
        std::vector<std::string> names;
        for (const Kernels* kernels : runnable()) names.emplace_back(kernels->name);
        return names;
    });
    m.def("distorted", &distorted, exact("images"), exact("indices"), exact("tone"),
          exact("distortion"), "stream"_a, "kernels"_a = "");
    m.def("peak_flops", &peak_flops, "threads"_a, "kernels"_a = "");

    nb::class_<Classifier>(m, "Classifier")
        .def(nb::init<int, int, int, const Flat&, const std::string&>(), "squash"_a,
             "subsampling"_a, "head"_a, exact("parameters"), "kernels"_a = "")
        .def("penalties", &Classifier::penalties, exact("images"), exact("tone"), "threads"_a = 1)
        .def("plane_penalties", &Classifier::plane_penalties, exact("planes"), "threads"_a = 1)
        .def("stages", &Classifier::stages, exact("planes"), "threads"_a = 1);

    nb::class_<Learner>(m, "Learner")
        .def(nb::init<int, int, int, bool, float, const Flat&, const std::string&>(), "squash"_a,
             "subsampling"_a, "head"_a, "discriminative"_a, "rubbish"_a, exact("parameters"),
             "kernels"_a = "")
        .def_prop_rw("parameters", &Learner::parameters, &Learner::set_parameters,
                     nb::for_getter(nb::rv_policy::automatic))
        .def_prop_rw("steps", &Learner::steps, &Learner::set_steps,
                     nb::for_getter(nb::rv_policy::automatic))
        .def("learn", &Learner::learn, exact("images"), exact("labels"), exact("tone"),
             exact("order"))
        .def("curvature", &Learner::curvature, exact("images"), exact("labels"), exact("tone"),
             exact("order"));

    const auto plain = nb::for_getter(nb::rv_policy::automatic);
    nb::class_<BatchLearner>(m, "BatchLearner")
        .def(nb::init<int, int, int, bool, float, const Flat&, const Flat&, const std::string&>(),
             "squash"_a, "subsampling"_a, "head"_a, "discriminative"_a, "rubbish"_a,
             exact("parameters"), exact("trained"), "kernels"_a = "")
        .def_prop_rw("parameters", &BatchLearner::parameters, &BatchLearner::set_parameters, plain)
        .def_prop_rw("mean", &BatchLearner::mean, &BatchLearner::set_mean, plain)
        .def_prop_rw("square", &BatchLearner::square, &BatchLearner::set_square, plain)
        .def("learn", &BatchLearner::learn, exact("images"), exact("targets"), exact("tone"),
             exact("order"), exact("distortion"), "stream"_a, exact("adamw"), "threads"_a = 1);
}
