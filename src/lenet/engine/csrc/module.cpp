// The kernels as a Python module.
#include <chrono>

#include "arrays.hpp"

namespace {

std::vector<std::string> runnable_names() {
    std::vector<std::string> names;
    for (const Kernels* kernels : runnable()) names.emplace_back(kernels->name);
    return names;
}

// Floating-point operations a second of `threads` threads that only multiply and add in registers.
double peak_flops(int threads, const std::string& name) {
    const Kernels& kernels = kernels_named(name);
    const nb::gil_scoped_release unlocked;
    constexpr Index rounds = 2'000'000;
    std::atomic<Index> done{0};
    const auto start = std::chrono::steady_clock::now();
    in_parallel(checked_threads(threads), threads, [&] {
        return [&](Index) { done += rounds * kernels.multiply_add(rounds); };
    });
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    return 2.0 * static_cast<double>(done) / taken.count();
}

}  // namespace

NB_MODULE(_kernels, m) {
    nb::set_leak_warnings(false);  // lenet.cli ends without collecting garbage, for speed
    m.attr("PARAMETERS") = PARAMETERS;
    m.def("runnable", &runnable_names);
    m.def("peak_flops", &peak_flops, "threads"_a, "kernels"_a = "");
    bind_decoding(m);
    bind_inference(m);
    bind_learning(m);
    bind_preparation(m);
    bind_lines(m);
    bind_sdnn(m);
    bind_connection_graph(m);
}
