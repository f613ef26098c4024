// One convolution of the SDNN (sdnn.hpp), maps innermost.
#pragma once

#include "index.hpp"

constexpr Index WIDEST_REGISTER = 16;  // floats; rows of weights and of sums are padded to it
constexpr Index DOZEN = 12;            // neighbouring places are computed by the dozen

struct SdnnLayer {
    Index rows, columns, inputs, maps;
    Index width;           // maps, padded
    const float* weights;  // rows × columns × inputs × width
    const float* bias;     // width
    float least;           // what no sum is below
};
