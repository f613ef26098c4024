// Memory and threads of one call. Threads do not outlive it; memory may wait for the next one.
// WebAssembly has one thread and no exceptions.
#pragma once
#include <cstring>
#include <memory>
#include <new>
#include <vector>
#ifndef __wasm__
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#endif

#include "index.hpp"

#ifdef __wasm__
struct Mutex {};
struct Lock {
    explicit Lock(Mutex&) {}
};
#else
using Mutex = std::mutex;
using Lock = std::lock_guard<std::mutex>;
#endif

// 64-byte aligned memory.
struct AlignedDelete {
    void operator()(void* memory) const { ::operator delete(memory, std::align_val_t{64}); }
};
template <class T>
using Aligned = std::unique_ptr<T, AlignedDelete>;

// Memory as it comes: every number in it must be written before it is read.
inline Aligned<float> aligned_floats(size_t count) {
    return Aligned<float>(
        static_cast<float*>(::operator new(count * sizeof(float), std::align_val_t{64})));
}

// A T of `bytes`, all zero.
template <class T>
Aligned<T> aligned(size_t bytes) {
    void* const memory = ::operator new(bytes, std::align_val_t{64});
    return Aligned<T>(static_cast<T*>(std::memset(memory, 0, bytes)));
}

// Memory that workers leave for those of the next call: fresh memory costs a page fault every 4 kB,
// and for a small batch that is a fifth of the time.
class BufferPool {
   public:
    Aligned<float> take(size_t floats) {
        const Lock lock(busy_);
        if (left_.empty()) return aligned_floats(floats);
        Aligned<float> memory = std::move(left_.back());
        left_.pop_back();
        return memory;
    }
    void leave(Aligned<float> memory) {
        const Lock lock(busy_);
        left_.push_back(std::move(memory));
    }

   private:
    Mutex busy_;
    std::vector<Aligned<float>> left_;
};

class Lease {
   public:
    Lease(BufferPool& from, size_t floats) : from_(&from), memory_(from.take(floats)) {}
    Lease(Lease&&) = default;
    ~Lease() {
        if (memory_) from_->leave(std::move(memory_));
    }
    float* memory() const { return memory_.get(); }

   private:
    BufferPool* from_;
    Aligned<float> memory_;
};

// Hands the blocks 0 … count − 1 out to `threads` workers, one of them the caller. Each worker
// calls start() once and the function it gets for every block it takes. Which worker takes a block
// must not matter to the result. The first exception is thrown again here.
#ifdef __wasm__
template <class Start>
void in_parallel(Index count, int, Start start) {
    auto block = start();
    for (Index k = 0; k < count; ++k) block(k);
}
#else
template <class Start>
void in_parallel(Index count, int threads, Start start) {
    std::atomic<Index> next{0};
    std::exception_ptr failure;
    Mutex failing;
    auto work = [&] {
        try {
            auto block = start();
            for (Index k; (k = next.fetch_add(1, std::memory_order_relaxed)) < count;) block(k);
        } catch (...) {
            const Lock lock(failing);
            if (!failure) failure = std::current_exception();
            next = count;
        }
    };
    std::vector<std::thread> helpers;
    try {
        for (Index k = 1; k < threads && k < count; ++k) helpers.emplace_back(work);
    } catch (...) {  // no more threads to be had: those that run, and the caller, do the work
    }
    work();
    for (std::thread& helper : helpers) helper.join();
    if (failure) std::rethrow_exception(failure);
}
#endif
