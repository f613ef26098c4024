// Learning by SDLM over a list of connections. Compiled once for each instruction set.
#include "connection_graph.hpp"

#include "squash.hpp"
#include "vectors.hpp"

namespace ISA {
namespace {

// step(k, n): n neighbouring connections from k on, in registers and smaller pieces.
template <class Step>
INLINE void in_steps(int count, Step step) {
    int k = 0;
    for (; k + LANES <= count; k += LANES) step(k, std::integral_constant<int, LANES>{});
    if constexpr (LANES > 8)
        for (; k + 8 <= count; k += 8) step(k, std::integral_constant<int, 8>{});
    if constexpr (LANES > 4)
        for (; k + 4 <= count; k += 4) step(k, std::integral_constant<int, 4>{});
    for (; k < count; ++k) step(k, std::integral_constant<int, 1>{});
}

template <int n>
INLINE Vector<n> take(const float* from) { return load_loose<n>(from); }
template <int n>
INLINE void put(float* to, Vector<n> value) {
    *reinterpret_cast<typename Of<n>::Loose*>(to) = value;
}
template <int n>
INLINE float total(Vector<n> value) {
    float sum = 0;
    for (int k = 0; k < n; ++k) sum += value[k];
    return sum;
}

INLINE float dot(const float* a, const float* b, int count) {
    Vector<LANES> sums{};
    float rest = 0;
    in_steps(count, [&](int k, auto n) {
        if constexpr (n == LANES)
            sums += take<n>(a + k) * take<n>(b + k);
        else
            rest += total<n>(take<n>(a + k) * take<n>(b + k));
    });
    return rest + total<LANES>(sums);
}

void forward(const ConnectionGraph& is, const float* weights, const UnitState& state) {
    for (int layer = 1; layer < is.layers; ++layer) {
        const int first = is.ends[layer - 1], end = is.ends[layer];
        for (int unit = first; unit < end; ++unit) {
            const int row = unit - is.inputs;
            float sum = is.biases[row] < 0 ? 0 : weights[is.biases[row]];
            for (int r = is.starts[row]; r < is.starts[row + 1]; ++r) {
                const Run& run = is.runs[r];
                sum += dot(state.states + run.from, weights + run.weight, run.count);
            }
            state.states[unit] = sum;
        }
        for (int unit = first; unit < end; ++unit) state.slopes[unit] = 1;
        if (!is.squashed[layer - 1]) continue;
        in_steps(end - first, [&](int k, auto n) {
            Vector<n> slope{};
            float* const states = state.states + first + k;
            put<n>(states, squashed<Squash::scaled_tanh, true, n>(take<n>(states), slope));
            put<n>(state.slopes + first + k, slope);
        });
    }
}

void show(const ConnectionGraph& is, const unsigned char* image, const float* byte_to_plane,
          float* states) {
    for (int k = 0; k < is.inputs; ++k) states[k] = byte_to_plane[image[k]];
}

// Squared distances of the last layer to the codes (eq. 7).
void penalties_of(const ConnectionGraph& is, const UnitState& state, float* penalties) {
    const int first = is.ends[is.layers - 2], last = is.ends[is.layers - 1] - first;
    for (int k = 0; k < CLASSES; ++k) {
        penalties[k] = 0;
        for (int unit = 0; unit < last; ++unit) {
            const float off = state.states[first + unit] - is.codes[k * last + unit];
            penalties[k] += off * off;
        }
    }
}

int winner(const float* penalties) {
    int best = 0;
    for (int k = 1; k < CLASSES; ++k)
        if (penalties[k] < penalties[best]) best = k;
    return best;
}

// Eq. 8's gradient at the last layer; every other unit's is summed up on the way back.
void start_back(const ConnectionGraph& is, int label, const UnitState& state) {
    const int first = is.ends[is.layers - 2], end = is.ends[is.layers - 1];
    for (int unit = is.inputs; unit < first; ++unit) state.back[unit] = 0;
    const float* const code = is.codes + label * (end - first);
    for (int unit = first; unit < end; ++unit)
        state.back[unit] = 2 * (state.states[unit] - code[unit - first]);
}

// A weight of its own is updated on the spot (eq. 18), after it has carried the gradient back.
void backward(const ConnectionGraph& is, float* weights, const float* steps,
              const UnitState& state) {
    for (int unit = is.ends[is.layers - 1] - 1; unit >= is.inputs; --unit) {
        const int row = unit - is.inputs, bias = is.biases[row];
        const float slope = state.back[unit] * state.slopes[unit];
        if (bias >= is.shared) weights[bias] -= steps[bias] * slope;
        else if (bias >= 0) state.gradient[bias] += slope;
        for (int r = is.starts[row]; r < is.starts[row + 1]; ++r) {
            const Run& run = is.runs[r];
            const bool own = run.weight >= is.shared, deep = run.from >= is.inputs;
            float* const weight = weights + run.weight;
            in_steps(run.count, [&](int k, auto n) {
                const Vector<n> product = take<n>(state.states + run.from + k) * slope;
                float *const back = state.back + run.from + k;
                if (deep) put<n>(back, take<n>(back) + take<n>(weight + k) * slope);
                float* const to = own ? weight + k : state.gradient + run.weight + k;
                const Vector<n> step = own ? -take<n>(steps + run.weight + k) : all<n>(1);
                put<n>(to, take<n>(to) + step * product);
            });
        }
    }
    for (int k = 0; k < is.shared; ++k) {
        weights[k] -= steps[k] * state.gradient[k];
        state.gradient[k] = 0;
    }
}

}  // namespace

void graph_penalties(const ConnectionGraph& is, const float* weights, const unsigned char* image,
                     const float* byte_to_plane, const UnitState& state, float* penalties) {
    show(is, image, byte_to_plane, state.states);
    forward(is, weights, state);
    penalties_of(is, state, penalties);
}

Index graph_learn(const ConnectionGraph& is, float* weights, const float* steps,
                  const Samples& samples, const UnitState& state, float* penalties) {
    Index errors = 0;
    for (Index k = 0; k < samples.count; ++k) {
        graph_penalties(is, weights, samples.images + samples.order[k] * is.inputs,
                        samples.byte_to_plane, state, penalties);
        errors += winner(penalties) != samples.labels[k];
        start_back(is, samples.labels[k], state);
        backward(is, weights, steps, state);
    }
    return errors;
}

// Adds h_kk of each digit to `found`, every weight's: eqs 23, 25 and 27, from d²E/dx² = 2.
void graph_curvature(const ConnectionGraph& is, const float* weights, const Samples& samples,
                     const UnitState& state, float* found) {
    for (Index k = 0; k < samples.count; ++k) {
        show(is, samples.images + samples.order[k] * is.inputs, samples.byte_to_plane,
             state.states);
        forward(is, weights, state);
        const int first = is.ends[is.layers - 2], end = is.ends[is.layers - 1];
        for (int unit = 0; unit < end; ++unit) state.back[unit] = unit < first ? 0 : 2;
        for (int unit = end - 1; unit >= is.inputs; --unit) {
            const int row = unit - is.inputs;
            const float above = state.back[unit] * state.slopes[unit] * state.slopes[unit];
            if (is.biases[row] >= 0) found[is.biases[row]] += above;
            for (int r = is.starts[row]; r < is.starts[row + 1]; ++r)
                for (int j = 0; j < is.runs[r].count; ++j) {
                    const int from = is.runs[r].from + j, weight = is.runs[r].weight + j;
                    state.back[from] += weights[weight] * weights[weight] * above;
                    found[weight] += state.states[from] * state.states[from] * above;
                }
        }
    }
}

}  // namespace ISA
