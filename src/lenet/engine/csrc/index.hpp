// The type of every count and offset.
#pragma once

#include <cstddef>

using Index = std::ptrdiff_t;  // not long: Windows gives that 32 bits
