// Learner and BatchLearner: LeNet-5 being trained, for Python.
#include "bind_learning.hpp"

namespace {

using Targets = Given<float, nb::shape<-1, CLASSES>>;
using Amounts = Given<float, nb::shape<AMOUNTS>>;  // Distortion's fields in order
using Settings = Given<float, nb::shape<7>>;       // AdamW's fields in order

Distortion distortion_of(const Amounts& amounts) {
    const float* const b = numbers_of(amounts);
    for (int k = 0; k < AMOUNTS; ++k)  // lenet/augmentation/warp.py has the same limits
        expect(b[k] >= 0 && b[k] <= 1000, "expected a distortion of numbers 0 … 1,000");
    expect(b[5] >= 0.5f && b[5] <= 10, "expected a smoothness of 0.5 … 10");
    for (int k : {6, 7, 8, 10})
        expect(b[k] <= 1, "expected thickness, degraded, background and noise of 0 … 1");
    return {b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10]};
}

// Planes, (n, 32, 32), of images distorted at random by stream and index.
Result distorted(const Images& images, const Order& indices, const ByteToPlane& byte_to_plane,
                 const Amounts& amounts, std::uint64_t stream, const std::string& name) {
    expect(indices.shape(0) == images.shape(0), "expected one index per image");
    const Kernels& kernels = kernels_named(name);
    const Distortion by = distortion_of(amounts);
    const std::int64_t* const which = numbers_of(indices);
    const float* const values = byte_to_plane_of(byte_to_plane);
    Result planes = array_of({images.shape(0), 32, 32});
    const nb::gil_scoped_release unlocked;
    for (size_t k = 0; k < images.shape(0); ++k)
        kernels.distort(by, stream, which[k], images.data() + k * 28 * 28, values,
                        planes.data() + k * 32 * 32);
    return planes;
}

Loss loss_of(bool discriminative, float rubbish, float temperature) {
    expect(temperature > 0 && temperature <= 1e6f,
           "expected a temperature above 0 and at most a million");
    return {discriminative, rubbish, temperature};
}

using Learner = OnlineLearner<Trainer, Images>;

class BatchLearner : public Guarded<BatchTrainer> {
   public:
    using Guarded::Guarded;

    std::pair<Index, double> learn(const Images& images, const Targets& targets,
                                   const ByteToPlane& byte_to_plane, const Order& order,
                                   const Amounts& amounts, std::uint64_t stream, const Settings& by,
                                   int threads) {
        expect(targets.shape(0) == images.shape(0), "expected one target per image");
        const auto batch = checked_order(order, images.shape(0));
        expect(!batch.empty(), "expected at least one image, got none");
        const Warp warp{distortion_of(amounts), stream};
        const float* const b = numbers_of(by);
        const AdamW settings{b[0], b[1], b[2], b[3], b[4], b[5], b[6]};
        const Samples samples{images.data(), nullptr, byte_to_plane_of(byte_to_plane), batch.data(),
                              static_cast<Index>(batch.size())};
        const float* const probabilities = numbers_of(targets);
        const int workers = checked_threads(threads);
        const auto result = alone([&](BatchTrainer& trainer) {
            return trainer.learn(samples, probabilities, warp, settings, workers);
        });
        return {result.errors, result.loss};
    }
};

}  // namespace

void bind_learning(nb::module_& m) {
    nb::class_<Loss>(m, "Loss").def(
        "__init__",
        [](Loss* made, bool discriminative, float rubbish, float temperature) {
            new (made) Loss(loss_of(discriminative, rubbish, temperature));
        },
        nb::kw_only(), "discriminative"_a, "rubbish"_a, "temperature"_a = 1.0f);

    nb::class_<Learner> learner(m, "Learner");
    learner.def(
        "__init__",
        [](Learner* made, const Architecture& is, const Loss& loss, const Flat& parameters,
           const std::string& kernels) {
            new (made) Learner(std::in_place, is, loss, copied(parameters.data()),
                               kernels_named(kernels));
        },
        "architecture"_a, "loss"_a, exact("parameters"), "kernels"_a = "");
    bind_online(learner);
    bind_numbers<&Trainer::parameters>(learner, "parameters");
    bind_numbers<&Trainer::steps>(learner, "steps");

    nb::class_<BatchLearner> batches(m, "BatchLearner");
    batches
        .def(
            "__init__",
            [](BatchLearner* made, const Architecture& is, const Loss& loss, const Flat& parameters,
               const Flat& trainable_mask, const std::string& kernels) {
                new (made) BatchLearner(std::in_place, is, loss, copied(parameters.data()),
                                        copied(trainable_mask.data()), kernels_named(kernels));
            },
            "architecture"_a, "loss"_a, exact("parameters"), exact("trainable_mask"),
            "kernels"_a = "")
        .def("learn", &BatchLearner::learn, exact("images"), exact("targets"),
             exact("byte_to_plane"), exact("order"), exact("distortion"), "stream"_a,
             exact("adamw"), "threads"_a = 1);
    bind_numbers<&BatchTrainer::parameters>(batches, "parameters");
    bind_numbers<&BatchTrainer::mean>(batches, "mean");
    bind_numbers<&BatchTrainer::square>(batches, "square");

    m.def("distorted", &distorted, exact("images"), exact("indices"), exact("byte_to_plane"),
          exact("distortion"), "stream"_a, "kernels"_a = "");
}
