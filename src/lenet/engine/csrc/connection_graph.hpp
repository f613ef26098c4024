// A network given as a list of its connections, as appendix C speaks of them: any layers, any
// sharing of weights. Slower than the kernels written for LeNet-5, and with nothing built in.
#pragma once
#include <cstdint>

#include "index.hpp"

// `count` neighbouring units of an earlier layer, each through its own of as many neighbouring
// weights.
struct Run {
    std::int32_t from, weight, count;
};

// Units are counted from the inputs on, layer after layer; a layer is fed by earlier ones only.
struct ConnectionGraph {
    int inputs, layers, shared;  // weights below `shared` serve several connections
    const std::int32_t* ends;     // where layer 0 (the inputs), 1, … end
    const unsigned char* squashed;  // whether layer 1, 2, … squashes its sums
    const std::int32_t* starts;   // of the runs of the first unit after the inputs, …
    const Run* runs;
    const std::int32_t* biases;  // each unit's among the weights, or −1
    const float* codes;          // CLASSES × units of the last layer (section II-B)
};

// What one digit leaves in every unit, and the way back; `gradient` for the shared weights.
struct UnitState {
    float *states, *slopes, *back, *gradient;
};

// Digits in the order they are learned; labels: of the order's digits, in that order.
struct Samples {
    const unsigned char* images;  // as many bytes each as there are inputs: 28×28 for LeNet-5
    const int* labels;
    const float* byte_to_plane;  // 256: an input's value for each byte
    const std::int64_t* order;
    Index count;
};
