// SPDX-License-Identifier: Apache-2.0
// The part of a thread that traps and panics look at.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenon {

/// Base class of Thread (kernel/sched/thread.h).
class ThreadRecord {
public:
    [[nodiscard]] const char* name() const { return name_; }
    /// Lowest usable address and size of the stack, without the guard page.
    [[nodiscard]] std::uintptr_t stack_begin() const { return stack_begin_; }
    [[nodiscard]] std::size_t stack_size() const { return stack_size_; }
    /// Where a trap continues instead of ending the machine; null almost always (kernel/trap/recover.h).
    struct RecoveryPoint* recovery = nullptr;

protected:
    ThreadRecord() = default;
    ~ThreadRecord() = default;

    std::uintptr_t stack_begin_ = 0;
    std::size_t stack_size_ = 0;
    char name_[32] = {};
};

}  // namespace tenon
