// Learning on top of the walks: one pattern per update (SDLM), second derivatives, mini-batches.
#pragma once
#include <math.h>

#include "backward.hpp"
#include "kernels.hpp"

namespace ISA {

constexpr Index CONVOLUTIONAL = offsetof(Parameters, c5) / sizeof(float);  // C1 … S4

INLINE int lowest(const float* penalties) {
    int best = 0;
    for (int k = 1; k < CLASSES; ++k)
        if (penalties[k] < penalties[best]) best = k;
    return best;
}

// dE/dy of the ten penalties. E = Σ target · y is eq. 8; eq. 9 adds log(e^−j + Σ e^−y), with
// every y divided by a temperature first. Returns E.
INLINE float loss_and_gradient(const Loss& loss, const float* y, const float* target,
                               float* loss_gradient) {
    float error = 0;
    for (int k = 0; k < OUTPUT; ++k) loss_gradient[k] = k < CLASSES ? target[k] : 0;
    for (int k = 0; k < CLASSES; ++k) error += target[k] * y[k];
    if (!loss.discriminative) return error;
    const float cooled = 1 / loss.temperature;
    const float least = fminf(y[lowest(y)] * cooled, loss.rubbish);
    float softmax[CLASSES], total = expf(least - loss.rubbish);
    for (int k = 0; k < CLASSES; ++k) total += softmax[k] = expf(least - y[k] * cooled);
    for (int k = 0; k < CLASSES; ++k)
        loss_gradient[k] = (loss_gradient[k] - softmax[k] / total) * cooled;
    return error * cooled + logf(total) - least;
}

// w ← w − ε g (eq. 18)
struct Descent {
    float* weights;
    const float* steps;
    template <class V>
    INLINE void operator()(Index k, V gradient) const {
        constexpr int n = sizeof(V) / sizeof(float);
        store<n>(weights + k, load<n>(weights + k) - load<n>(steps + k) * gradient);
    }
};
struct Addition {
    float* totals;
    template <class V>
    INLINE void operator()(Index k, V gradient) const {
        constexpr int n = sizeof(V) / sizeof(float);
        store<n>(totals + k, load<n>(totals + k) + gradient);
    }
};
struct Nothing {
    template <class V>
    INLINE void operator()(Index, V) const {}
};

INLINE void descend(Parameters& p, const Parameters& steps, const Parameters& g, Index from,
                    Index to) {
    const Descent take = {flat(p), flat(steps)};
    for (Index k = from; k < to; k += LANES) take(k, load<LANES>(flat(g) + k));
}
INLINE Index offset_of(const Parameters& p, const float* part) { return part - flat(p); }

inline Index learn(const Architecture& is, const Loss& loss, Parameters& p, const Parameters& steps,
                   const Samples& samples, Gradient work) {
    alignas(64) float loss_gradient[OUTPUT], below[F6];
    ForwardCache& t = *work.cache;
    Parameters& g = *work.sums;
    Index errors = 0;
    for (Index k = 0; k < samples.count; ++k) {
        const int label = samples.labels[k];
        find_ink(samples.images + samples.order[k] * 28 * 28, samples.byte_to_plane, t.ink);
        forward(is, p, t);
        errors += lowest(t.output) != label;
        float target[CLASSES] = {};
        target[label] = 1;
        loss_and_gradient(loss, t.output, target, loss_gradient);
        set_all(flat(g), CONVOLUTIONAL, 0);
        set_all(g.c5_bias, C5, 0);
        set_all(g.f6_bias, F6, 0);
        if (is.head == Head::rbf) {
            back_through_head(is, p, t, loss_gradient, below, Nothing{});
        } else {
            back_through_head(is, p, t, loss_gradient, below,
                              Descent{flat(p.output), flat(steps.output)});
            for (int c = 0; c < CLASSES; ++c)
                p.output_bias[c] += steps.output_bias[c] * loss_gradient[c];
        }
        backward(p, t, below, g, Descent{flat(p.c5), flat(steps.c5)},
                 Descent{flat(p.f6), flat(steps.f6)});
        descend(p, steps, g, 0, CONVOLUTIONAL);
        descend(p, steps, g, offset_of(g, g.c5_bias), offset_of(g, g.c5_bias) + C5);
        descend(p, steps, g, offset_of(g, g.f6_bias), offset_of(g, g.f6_bias) + F6);
    }
    return errors;
}

// Adds the gradients of one 32×32 plane to the sums; target: CLASSES probabilities. Returns its
// loss.
inline float gradients(const Architecture& is, const Loss& loss, const Parameters& p,
                       const float* plane, const float* target, Gradient work,
                       float* penalties) {
    alignas(64) float loss_gradient[OUTPUT], below[F6];
    ForwardCache& t = *work.cache;
    Parameters& g = *work.sums;
    find_ink(plane, t.ink);
    forward(is, p, t);
    for (int c = 0; c < CLASSES; ++c) penalties[c] = t.output[c];
    const float error = loss_and_gradient(loss, t.output, target, loss_gradient);
    back_through_head(is, p, t, loss_gradient, below, Addition{flat(g.output)});
    for (int c = 0; c < CLASSES; ++c) g.output_bias[c] -= loss_gradient[c];
    backward(p, t, below, g, Addition{flat(g.c5)}, Addition{flat(g.f6)});
    return error;
}

// Adds h_kk of one pattern after another to h; `squared` holds the parameters squared.
// The recursion starts from 2 at F6 for the codes of eq. 7, from 1 at the scores of a linear head.
inline void curvature(const Architecture& is, const Parameters& p, const Parameters& squared,
                      const Samples& samples, Gradient work) {
    alignas(64) float below[F6];
    ForwardCache& t = *work.cache;
    Parameters& h = *work.sums;
    for (Index k = 0; k < samples.count; ++k) {
        find_ink(samples.images + samples.order[k] * 28 * 28, samples.byte_to_plane, t.ink);
        forward(is, p, t);
        square(t.ink);
        multiply(t.c1_slopes, t.c1_slopes,
                 (sizeof(ForwardCache) - offsetof(ForwardCache, c1_slopes)) / sizeof(float));
        if (is.head == Head::rbf) {
            for (int i = 0; i < F6; ++i) below[i] = i < F6_UNITS ? 2.0f : 0.0f;
        } else {
            alignas(64) float ones[OUTPUT];
            for (int c = 0; c < OUTPUT; ++c) ones[c] = c < CLASSES ? 1.0f : 0.0f;
            set_all(below, F6, 0);
            back_through<OUTPUT>(t.f6, F6_UNITS, flat(squared.output), ones, below,
                                 Addition{flat(h.output)});
            for (int c = 0; c < CLASSES; ++c) h.output_bias[c] += 1;
        }
        backward(squared, t, below, h, Addition{flat(h.c5)}, Addition{flat(h.f6)});
    }
}

}  // namespace ISA
