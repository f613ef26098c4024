// Which kernels this processor can run.
#pragma once
#include <string>
#include <vector>

#include "kernels.hpp"

// Best first; the last runs everywhere.
std::vector<const Kernels*> runnable();

// By name, or the best for "". Throws std::invalid_argument for one that cannot run here.
const Kernels& kernels_named(const std::string& name);
