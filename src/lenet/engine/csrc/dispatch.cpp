#include "dispatch.hpp"

#include "expect.hpp"

namespace baseline { extern const Kernels KERNELS; }
#ifdef LENET_X86
namespace avx2 { extern const Kernels KERNELS; }
namespace avx512 { extern const Kernels KERNELS; }
#endif

std::vector<const Kernels*> runnable() {
    std::vector<const Kernels*> found;
#ifdef LENET_X86
    const bool fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (fma && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
        found.push_back(&avx512::KERNELS);
    if (fma) found.push_back(&avx2::KERNELS);
#endif
    found.push_back(&baseline::KERNELS);
    return found;
}

const Kernels& kernels_named(const std::string& name) {
    std::string names;
    for (const Kernels* kernels : runnable()) {
        if (name.empty() || name == kernels->name) return *kernels;
        names += (names.empty() ? "" : ", ") + std::string(kernels->name);
    }
    refuse(("this processor runs the kernels " + names + ", not " + name).c_str());
}
