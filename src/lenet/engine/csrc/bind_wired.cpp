// WiredLearner: a network given as a list of connections, for Python. What Python hands over is
// copied and checked here once, so that the kernels may trust every index.
#include <algorithm>
#include <mutex>

#include "arrays.hpp"

namespace {

using Integers = Given<std::int32_t, nb::shape<-1>>;
using Runs = Given<std::int32_t, nb::shape<-1, 3>>;
using Bytes = Given<unsigned char, nb::shape<-1>>;
using Rows = Given<unsigned char, nb::shape<-1, -1>>;
using Floats = Given<float, nb::shape<-1>>;
using Codes = Given<float, nb::shape<CLASSES, -1>>;

template <class Array>
auto copy_of(const Array& given) {
    const auto* const numbers = numbers_of(given);
    return std::vector(numbers, numbers + given.size());
}

Result copied(const std::vector<float>& numbers) {
    Result result = array_of({numbers.size()});
    std::copy(numbers.begin(), numbers.end(), result.data());
    return result;
}

class WiredLearner {
   public:
    WiredLearner(const Integers& ends, const Bytes& squashed, const Integers& starts,
                 const Runs& runs, const Integers& biases, int shared, const Codes& codes,
                 const Floats& weights, const std::string& kernels)
        : kernels_(kernels_named(kernels)), ends_(copy_of(ends)), starts_(copy_of(starts)),
          biases_(copy_of(biases)), squashed_(copy_of(squashed)), codes_(copy_of(codes)),
          weights_(copy_of(weights)), steps_(weights_.size()), shared_(shared) {
        for (size_t r = 0; r < runs.shape(0); ++r) {
            const std::int32_t* const run = numbers_of(runs) + 3 * r;
            runs_.push_back({run[0], run[1], run[2]});
        }
        check();
        states_.resize(units());
        slopes_.resize(units());
        back_.resize(units());
        gradient_.resize(shared_);
    }

    Index learn(const Rows& images, const Labels& labels, const ByteToPlane& byte_to_plane,
                const Order& order) {
        const auto copy = checked(images, labels, byte_to_plane, order);
        const nb::gil_scoped_release unlocked;
        const std::lock_guard<std::mutex> lock(busy_);
        float penalties[CLASSES];
        return kernels_.wired_learn(wiring(), weights_.data(), steps_.data(), copy.samples(),
                                    state(), penalties);
    }

    Result curvature(const Rows& images, const Labels& labels, const ByteToPlane& byte_to_plane,
                     const Order& order) {
        const auto copy = checked(images, labels, byte_to_plane, order);
        expect(copy.samples().count > 0, "expected at least one digit, got none");
        std::vector<double> totals(weights_.size());
        const auto adding = [&] {
            const nb::gil_scoped_release unlocked;
            const std::lock_guard<std::mutex> lock(busy_);
            // Single precision holds the sum of a few patterns well, of hundreds badly.
            constexpr Index few = 10;
            Samples samples = copy.samples();
            for (Index left = samples.count; left > 0; left -= few, samples.order += few) {
                std::vector<float> sums(weights_.size());
                samples.count = std::min(few, left);
                kernels_.wired_curvature(wiring(), weights_.data(), samples, state(), sums.data());
                for (size_t k = 0; k < sums.size(); ++k) totals[k] += sums[k];
            }
        };
        adding();
        std::vector<float> found;
        for (double total : totals)
            found.push_back(static_cast<float>(total / static_cast<double>(copy.samples().count)));
        return copied(found);
    }

    Result penalties(const Rows& images, const ByteToPlane& byte_to_plane) {
        expect(images.shape(1) == static_cast<size_t>(ends_[0]), "expected a byte for each input");
        const float* const values = byte_to_plane_of(byte_to_plane);
        Result result = array_of({images.shape(0), CLASSES});
        const nb::gil_scoped_release unlocked;
        const std::lock_guard<std::mutex> lock(busy_);
        for (size_t k = 0; k < images.shape(0); ++k)
            kernels_.wired_penalties(wiring(), weights_.data(), images.data() + k * ends_[0],
                                     values, state(), result.data() + k * CLASSES);
        return result;
    }

    Result weights() { return copied(weights_); }
    Result steps() { return copied(steps_); }
    void set_weights(const Floats& to) { set(weights_, to); }
    void set_steps(const Floats& to) { set(steps_, to); }

   private:
    CheckedSamples<Rows> checked(const Rows& images, const Labels& labels,
                                 const ByteToPlane& byte_to_plane, const Order& order) const {
        expect(images.shape(1) == static_cast<size_t>(ends_[0]), "expected a byte for each input");
        return {images, labels, byte_to_plane, order};
    }

    size_t units() const { return static_cast<size_t>(ends_.back()); }
    Wiring wiring() const {
        return {ends_[0],       static_cast<int>(ends_.size()), shared_,        ends_.data(),
                squashed_.data(), starts_.data(),               runs_.data(), biases_.data(),
                codes_.data()};
    }
    UnitState state() { return {states_.data(), slopes_.data(), back_.data(), gradient_.data()}; }

    void set(std::vector<float>& numbers, const Floats& to) {
        expect(to.size() == numbers.size(), "expected as many numbers as there are weights");
        const std::lock_guard<std::mutex> lock(busy_);
        std::copy_n(numbers_of(to), numbers.size(), numbers.begin());
    }

    void check() const {
        const auto weights = static_cast<std::int64_t>(weights_.size());
        expect(ends_.size() >= 2 && ends_[0] > 0, "expected inputs and at least one layer");
        expect(squashed_.size() == ends_.size() - 1, "expected one squashing per layer");
        for (size_t layer = 1; layer < ends_.size(); ++layer)
            expect(ends_[layer] > ends_[layer - 1], "expected layers with units");
        const size_t rows = units() - ends_[0];
        expect(biases_.size() == rows && starts_.size() == rows + 1 && starts_[0] == 0 &&
                   starts_[rows] == static_cast<std::int64_t>(runs_.size()),
               "expected one bias and one list of runs per unit");
        expect(codes_.size() == CLASSES * (units() - ends_[ends_.size() - 2]),
               "expected codes as long as the last layer");
        expect(shared_ >= 0 && shared_ <= weights, "expected no more shared weights than weights");
        size_t layer = 1;
        for (size_t row = 0; row < rows; ++row) {
            if (row + ends_[0] >= static_cast<size_t>(ends_[layer])) ++layer;
            expect(biases_[row] >= -1 && biases_[row] < weights, "expected biases that are there");
            expect(starts_[row] >= 0 && starts_[row] <= starts_[row + 1], "expected runs in order");
            expect(starts_[row + 1] <= static_cast<std::int64_t>(runs_.size()),
                   "expected runs that are there");
            for (int r = starts_[row]; r < starts_[row + 1]; ++r) {
                const Run& run = runs_[r];
                const std::int64_t count = run.count;
                expect(run.from >= 0 && count > 0 && run.from + count <= ends_[layer - 1],
                       "expected a layer to be fed by earlier layers");
                expect(run.weight >= 0 && run.weight + count <= weights &&
                           (run.weight >= shared_ || run.weight + count <= shared_),
                       "expected runs of weights that are there, all shared or none");
            }
        }
    }

    const Kernels& kernels_;
    std::vector<std::int32_t> ends_, starts_, biases_;
    std::vector<unsigned char> squashed_;
    std::vector<Run> runs_;
    std::vector<float> codes_, weights_, steps_;
    int shared_;
    std::vector<float> states_, slopes_, back_, gradient_;
    std::mutex busy_;
};

}  // namespace

void bind_wired(nb::module_& m) {
    nb::class_<WiredLearner>(m, "WiredLearner")
        .def(nb::init<const Integers&, const Bytes&, const Integers&, const Runs&, const Integers&,
                      int, const Codes&, const Floats&, const std::string&>(),
             exact("ends"), exact("squashed"), exact("starts"), exact("runs"), exact("biases"),
             "shared"_a, exact("codes"), exact("weights"), "kernels"_a = "")
        .def("learn", &WiredLearner::learn, exact("images"), exact("labels"),
             exact("byte_to_plane"), exact("order"))
        .def("curvature", &WiredLearner::curvature, exact("images"), exact("labels"),
             exact("byte_to_plane"), exact("order"))
        .def("penalties", &WiredLearner::penalties, exact("images"), exact("byte_to_plane"))
        .def_prop_rw("weights", &WiredLearner::weights, &WiredLearner::set_weights,
                     nb::for_getter(nb::rv_policy::automatic), nb::for_setter(exact("to")))
        .def_prop_rw("steps", &WiredLearner::steps, &WiredLearner::set_steps,
                     nb::for_getter(nb::rv_policy::automatic), nb::for_setter(exact("to")));
}
