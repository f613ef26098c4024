// One convolution of the SDNN (sdnn.hpp), maps innermost.
#pragma once

#include "index.hpp"

constexpr Index PADDED = 8;  // floats; rows of weights and of sums are multiples of it
constexpr Index DOZEN = 12;  // neighbouring places are computed by the dozen

struct SdnnLayer {
    Index rows, columns, inputs, maps;
    Index width;           // maps, padded
    const float* weights;  // rows × columns × inputs × width
    const float* bias;     // width
    float least;           // what no sum is below
};
