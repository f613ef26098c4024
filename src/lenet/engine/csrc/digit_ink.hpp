// The single digit of a grey plane: lenet/preprocessing's digit_ink.py and prepare.py.
#pragma once
#include "background.hpp"
#include "candidates.hpp"

struct DigitSettings {
    Polarity polarity;
    Index field, bins;
    double least, speck, near;  // contrast; share of the largest part; of its longer side
    Centring centring;
};

// Whether there is a digit; then its image (side × side) and its box.
bool prepare_digit(const float* grey, Index height, Index width, const DigitSettings&,
                   unsigned char* image, Index* box);
