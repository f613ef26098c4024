// ConnectionGraphLearner, a network given as a list of connections, for Python. What Python hands
// over is copied and checked here once, so that the kernels may trust every index.
#include "bind_learning.hpp"

namespace {

using Integers = Given<std::int32_t, nb::shape<-1>>;
using Runs = Given<std::int32_t, nb::shape<-1, 3>>;
using Bytes = Given<unsigned char, nb::shape<-1>>;
using Rows = Given<unsigned char, nb::shape<-1, -1>>;
using Codes = Given<float, nb::shape<CLASSES, -1>>;

template <class Array>
auto copy_of(const Array& given) {
    const auto* const numbers = numbers_of(given);
    return std::vector(numbers, numbers + given.size());
}

class GraphTrainer {
   public:
    GraphTrainer(const Integers& ends, const Bytes& squashed, const Integers& starts,
                 const Runs& runs, const Integers& biases, int shared, const Codes& codes,
                 const Floats& weights, const Kernels& kernels)
        : kernels_(kernels), ends_(copy_of(ends)), starts_(copy_of(starts)),
          biases_(copy_of(biases)), squashed_(copy_of(squashed)), codes_(copy_of(codes)),
          weights_(copy_of(weights)), steps_(weights_.size()), shared_(shared) {
        for (size_t r = 0; r < runs.shape(0); ++r) {
            const std::int32_t* const run = numbers_of(runs) + 3 * r;
            runs_.push_back({run[0], run[1], run[2]});
        }
        check();
        for (auto* numbers : {&states_, &slopes_, &back_}) numbers->resize(units());
        gradient_.resize(shared_);
    }

    Index inputs() const { return ends_[0]; }
    Numbers weights() { return {weights_.data(), weights_.size()}; }
    Numbers steps() { return {steps_.data(), steps_.size()}; }

    Index learn(const Samples& samples) {
        float penalties[CLASSES];
        return kernels_.graph_learn(graph(), weights_.data(), steps_.data(), samples, state(),
                                    penalties);
    }

    std::vector<float> curvature(const Samples& samples) {
        std::vector<float> sums(weights_.size());
        return mean_over(samples, {sums.data(), sums.size()}, [&](const Samples& few) {
            kernels_.graph_curvature(graph(), weights_.data(), few, state(), sums.data());
        });
    }

    void penalties(const unsigned char* image, const float* byte_to_plane, float* to) {
        kernels_.graph_penalties(graph(), weights_.data(), image, byte_to_plane, state(), to);
    }

   private:
    size_t units() const { return static_cast<size_t>(ends_.back()); }
    ConnectionGraph graph() const {
        return {ends_[0],         static_cast<int>(ends_.size()), shared_,      ends_.data(),
                squashed_.data(), starts_.data(),                 runs_.data(), biases_.data(),
                codes_.data()};
    }
    UnitState state() { return {states_.data(), slopes_.data(), back_.data(), gradient_.data()}; }

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
};

class ConnectionGraphLearner : public OnlineLearner<GraphTrainer, Rows> {
   public:
    ConnectionGraphLearner(const Integers& ends, const Bytes& squashed, const Integers& starts,
                           const Runs& runs, const Integers& biases, int shared,
                           const Codes& codes, const Floats& weights, const std::string& kernels)
        : OnlineLearner(std::in_place, ends, squashed, starts, runs, biases, shared, codes, weights,
                        kernels_named(kernels)) {}

    Result penalties(const Rows& images, const ByteToPlane& byte_to_plane) {
        check_inputs(images);
        const float* const values = byte_to_plane_of(byte_to_plane);
        Result result = array_of({images.shape(0), CLASSES});
        alone([&](GraphTrainer& trainer) {
            for (size_t k = 0; k < images.shape(0); ++k)
                trainer.penalties(images.data() + k * images.shape(1), values,
                                  result.data() + k * CLASSES);
        });
        return result;
    }
};

}  // namespace

void bind_connection_graph(nb::module_& m) {
    nb::class_<ConnectionGraphLearner> learner(m, "ConnectionGraphLearner");
    learner
        .def(nb::init<const Integers&, const Bytes&, const Integers&, const Runs&, const Integers&,
                      int, const Codes&, const Floats&, const std::string&>(),
             exact("ends"), exact("squashed"), exact("starts"), exact("runs"), exact("biases"),
             "shared"_a, exact("codes"), exact("weights"), "kernels"_a = "")
        .def("penalties", &ConnectionGraphLearner::penalties, exact("images"),
             exact("byte_to_plane"));
    bind_online(learner);
    bind_numbers<&GraphTrainer::weights>(learner, "weights");
    bind_numbers<&GraphTrainer::steps>(learner, "steps");
}
