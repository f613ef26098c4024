// Planes of another size: what Pillow's Image.resize makes of them, bit for bit as
// preprocessing/resample.py, which fixes the order of the axes.
#pragma once

#include "index.hpp"

enum class Way { box, bilinear, bicubic };

// A plane of height × width brought to tall × broad.
void resample(const float* plane, Index height, Index width, Index tall, Index broad, Way,
              float* into);
