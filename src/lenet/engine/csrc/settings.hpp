// The settings of every step from named numbers, the constants of Python's modules.
#pragma once
#include "digit_ink.hpp"
#include "line_reader.hpp"
#include "named_numbers.hpp"

constexpr double MOST = 1e9;  // of a setting
constexpr Index MOST_PIXELS = Index{1} << 28, MOST_SIDE = Index{1} << 20;

DigitSettings digit_settings(const Settings&);
LineSettings line_settings(const Settings&);
ReaderSettings reader_settings(const Settings&);
ArcConstants arc_constants(const Settings&);
