// What a kernel asks of its caller; Python hears of it as a ValueError.
#pragma once
#include <stdexcept>

inline void expect(bool so, const char* what) {
    if (!so) throw std::invalid_argument(what);
}
