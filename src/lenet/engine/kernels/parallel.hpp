// Memory and threads of one call. Nothing outlives it, nothing is shared between calls.
#pragma once
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

// 64-byte aligned, zeroed memory.
struct AlignedDelete {
    void operator()(void* memory) const { ::operator delete(memory, std::align_val_t{64}); }
};
template <class T>
using Aligned = std::unique_ptr<T, AlignedDelete>;

inline Aligned<float> aligned_floats(size_t count) {
    auto* memory = static_cast<float*>(::operator new(count * sizeof(float), std::align_val_t{64}));
    for (size_t k = 0; k < count; ++k) memory[k] = 0;
    return Aligned<float>(memory);
}
template <class T>
Aligned<T> aligned() {
    return Aligned<T>(reinterpret_cast<T*>(aligned_floats((sizeof(T) + 3) / 4).release()));
}

// Hands the blocks 0 … count − 1 out to `threads` workers, one of them the caller. Each worker
// calls start() once and the function it gets for every block it takes. Which worker takes a block
// must not matter to the result. The first exception is thrown again here.
template <class Start>
void in_parallel(long count, int threads, Start start) {
    std::atomic<long> next{0};
    std::exception_ptr failure;
    std::mutex failing;
    auto work = [&] {
        try {
            auto block = start();
            for (long k; (k = next.fetch_add(1, std::memory_order_relaxed)) < count;) block(k);
        } catch (...) {
            const std::lock_guard<std::mutex> lock(failing);
            if (!failure) failure = std::current_exception();
            next = count;
        }
    };
    std::vector<std::thread> helpers;
    try {
        for (long k = 1; k < threads && k < count; ++k) helpers.emplace_back(work);
    } catch (...) {  // no more threads to be had: those that run, and the caller, do the work
    }
    work();
    for (std::thread& helper : helpers) helper.join();
    if (failure) std::rethrow_exception(failure);
}
