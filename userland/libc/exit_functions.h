// SPDX-License-Identifier: Apache-2.0
// Functions that run when the program ends.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <new>
#include <optional>

#include "kernel/mm/heap.h"
#include "kernel/sched/sync.h"

namespace tenon::libc {

struct ExitFunction {
    /// Newlib's numbers (stdlib/atexit.h).
    enum class Kind : int { at_exit, on_exit, destructor };
    Kind kind;
    void (*function)();
    void* argument;

    void run(int code) const {
        switch (kind) {
            case Kind::at_exit: return function();
            case Kind::on_exit: return reinterpret_cast<void (*)(int, void*)>(function)(code, argument);
            case Kind::destructor: return reinterpret_cast<void (*)(void*)>(function)(argument);
        }
    }
};

/// Last in, first out. As many as C guarantees need no memory; further ones take it from the heap. For any thread.
class ExitFunctions {
public:
    /// False: no memory.
    bool push(const ExitFunction& function) {
        const std::lock_guard guard(mutex_);
        if (top_->used == top_->functions.size()) {
            void* memory = heap_allocate(sizeof(Block));
            if (memory == nullptr) return false;
            top_ = new (memory) Block{.previous = top_, .used = 0, .functions = {}};
        }
        top_->functions[top_->used++] = function;
        return true;
    }

    /// Functions that a running one adds run next. No lock is held while one runs, and none runs twice.
    void run_all(int code) {
        while (const auto function = pop()) function->run(code);
    }

private:
    struct Block {
        Block* previous;
        std::size_t used;
        std::array<ExitFunction, 32> functions;
    };

    std::optional<ExitFunction> pop() {
        const std::lock_guard guard(mutex_);
        if (top_->used == 0) {
            if (top_->previous == nullptr) return std::nullopt;
            heap_free(std::exchange(top_, top_->previous));
        }
        return top_->functions[--top_->used];
    }

    Mutex mutex_;
    Block first_{};
    Block* top_ = &first_;
};

}  // namespace tenon::libc
