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
        if (top().used == most_functions) {
            void* memory = heap_allocate(sizeof(Block));
            if (memory == nullptr) return false;
            further_ = new (memory) Block{.previous = further_, .used = 0, .functions = {}};
        }
        top().functions[top().used++] = function;
        return true;
    }

    /// Functions that a running one adds run next. No lock is held while one runs, and none runs twice.
    void run_all(int code) {
        while (const auto function = pop()) function->run(code);
    }

private:
    static constexpr std::size_t most_functions = 32;
    struct Block {
        Block* previous;
        std::size_t used;
        std::array<ExitFunction, most_functions> functions;
    };

    std::optional<ExitFunction> pop() {
        const std::lock_guard guard(mutex_);
        if (top().used == 0) {
            if (further_ == nullptr) return std::nullopt;
            heap_free(std::exchange(further_, further_->previous));
        }
        return top().functions[--top().used];
    }

    Block& top() { return further_ != nullptr ? *further_ : first_; }

    // All zeros at first, so that the object takes no room in the image.
    Mutex mutex_;
    Block first_{};
    Block* further_ = nullptr;  ///< the newest block of the heap
};

}  // namespace tenon::libc
