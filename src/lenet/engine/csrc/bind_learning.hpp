// What learners for Python have in common.
//
// Calls on one of them from several Python threads wait for each other, and wait without the
// interpreter's lock, or the one that works could never take it back.
#pragma once
#include <algorithm>
#include <mutex>
#include <utility>

#include "arrays.hpp"
#include "training.hpp"

using Labels = Given<int, nb::shape<-1>>;
using Order = Given<std::int64_t, nb::shape<-1>>;
using Floats = Given<float, nb::shape<-1>>;

// The order as a copy, checked: another Python thread may change the array once the interpreter's
// lock is given up, and its numbers are used as indices.
inline std::vector<std::int64_t> checked_order(const Order& order, size_t images) {
    std::vector<std::int64_t> copy(numbers_of(order), order.data() + order.shape(0));
    for (std::int64_t image : copy)
        expect(image >= 0 && static_cast<size_t>(image) < images,
               "the order names an image that is not there");
    return copy;
}

template <class Trainer>
class Guarded {
   public:
    template <class... Arguments>
    explicit Guarded(std::in_place_t, Arguments&&... arguments)
        : trainer_(std::forward<Arguments>(arguments)...) {}

    // Runs work(trainer) alone and without the interpreter's lock.
    template <class Work>
    auto alone(Work work) {
        const nb::gil_scoped_release unlocked;
        const std::lock_guard<std::mutex> lock(busy_);
        return work(trainer_);
    }

    // Copies of parameters and the like out and in; which: a member function of Trainer.
    template <Numbers (Trainer::*which)()>
    Result get() {
        const Numbers from = (trainer_.*which)();
        Result result = array_of({from.count});
        alone([&](Trainer&) { std::copy_n(from.values, from.count, result.data()); });
        return result;
    }
    template <Numbers (Trainer::*which)()>
    void set(const Floats& given) {
        const Numbers to = (trainer_.*which)();
        expect(given.size() == to.count, "expected as many numbers as there are parameters");
        const float* const values = numbers_of(given);
        alone([&](Trainer&) { std::copy_n(values, to.count, to.values); });
    }

   protected:
    Trainer trainer_;

   private:
    std::mutex busy_;
};

// One update for each digit; images: n rows of bytes.
template <class Trainer, class Images>
class OnlineLearner : public Guarded<Trainer> {
   public:
    using Guarded<Trainer>::Guarded;

    Index learn(const Images& images, const Labels& labels, const ByteToPlane& byte_to_plane,
                const Order& order) {
        const Checked checked(*this, images, labels, byte_to_plane, order);
        return this->alone([&](Trainer& trainer) { return trainer.learn(checked.samples); });
    }

    Result curvature(const Images& images, const Labels& labels, const ByteToPlane& byte_to_plane,
                     const Order& order) {
        const Checked checked(*this, images, labels, byte_to_plane, order);
        expect(checked.samples.count > 0, "expected at least one digit, got none");
        const std::vector<float> mean =
            this->alone([&](Trainer& trainer) { return trainer.curvature(checked.samples); });
        Result result = array_of({mean.size()});
        std::copy(mean.begin(), mean.end(), result.data());
        return result;
    }

    void check_inputs(const Images& images) const {
        expect(images.size() == images.shape(0) * this->trainer_.inputs(),
               "expected a byte for each input");
    }

   private:
    struct Checked {
        std::vector<std::int64_t> order;
        std::vector<int> labels;  // of the order's digits
        Samples samples;

        Checked(const OnlineLearner& by, const Images& images, const Labels& given,
                const ByteToPlane& byte_to_plane, const Order& indices)
            : order(checked_order(indices, images.shape(0))) {
            by.check_inputs(images);
            expect(given.shape(0) == images.shape(0), "expected one label per image");
            const int* const all = numbers_of(given);
            for (std::int64_t image : order) {
                labels.push_back(all[image]);
                expect(labels.back() >= 0 && labels.back() < CLASSES, "expected labels 0 … 9");
            }
            samples = {images.data(), labels.data(), byte_to_plane_of(byte_to_plane), order.data(),
                       static_cast<Index>(order.size())};
        }
        Checked(const Checked&) = delete;
    };
};

template <class Class>
void bind_online(Class& bound) {
    using Learner = typename Class::Type;
    bound
        .def("learn", &Learner::learn, exact("images"), exact("labels"), exact("byte_to_plane"),
             exact("order"))
        .def("curvature", &Learner::curvature, exact("images"), exact("labels"),
             exact("byte_to_plane"), exact("order"));
}

// A property of numbers, copied out and in.
template <auto which, class Class>
void bind_numbers(Class& bound, const char* name) {
    using Learner = typename Class::Type;
    bound.def_prop_rw(name, &Learner::template get<which>, &Learner::template set<which>,
                      nb::for_getter(nb::rv_policy::automatic), nb::for_setter(exact("to")));
}
