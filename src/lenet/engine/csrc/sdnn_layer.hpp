// One convolution of the SDNN (sdnn.hpp), maps innermost.
#pragma once

constexpr long WIDEST_REGISTER = 16;  // floats; rows of weights and of sums are padded to it
constexpr long DOZEN = 12;            // neighbouring places are computed by the dozen

struct SdnnLayer {
    long rows, columns, inputs, maps;
    long width;            // maps, padded
    const float* weights;  // rows × columns × inputs × width
    const float* bias;     // width
    float least;           // what no sum is below
};
