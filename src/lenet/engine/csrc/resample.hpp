// Planes of another size: what Pillow's Image.resize makes of them, bit for bit of
// Pillow 13 (earlier versions go through the axes in another order).
#pragma once

#include "index.hpp"

enum class Way { box, bilinear, bicubic };

// A plane of height × width brought to tall × broad.
void resample(const float* plane, Index height, Index width, Index tall, Index broad, Way,
              float* into);
