// What a kernel asks of its caller; Python hears of it as a ValueError, JavaScript as an Error.
#pragma once

#ifdef __wasm__  // where C++ cannot throw, lenet.js does
extern "C" [[noreturn]] __attribute__((import_module("lenet"), import_name("refuse"))) void refuse(
    const char* why);
#else
#include <stdexcept>

[[noreturn]] inline void refuse(const char* why) { throw std::invalid_argument(why); }
#endif

inline void expect(bool so, const char* what) {
    if (!so) refuse(what);
}
