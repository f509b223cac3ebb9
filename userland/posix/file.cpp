// SPDX-License-Identifier: Apache-2.0
// Default behaviour of files.
#include "userland/posix/file.h"

#include "userland/posix/parts.h"
#include "userland/posix/poller.h"
#include "userland/posix/watches.h"

namespace tenon::posix {

namespace {

constexpr int changeable_flags = O_APPEND | O_NONBLOCK;

}  // namespace

Outcome<std::size_t> File::read(std::span<std::byte>) { return fail_with(EINVAL); }
Outcome<std::size_t> File::write(std::span<const std::byte>) { return fail_with(EINVAL); }

Outcome<std::size_t> File::read_parts(std::span<const iovec> parts) {
    return each_part<std::byte>(parts, [this](std::span<std::byte> part) { return read(part); });
}

Outcome<std::size_t> File::write_parts(std::span<const iovec> parts) {
    return each_part<const std::byte>(parts, [this](std::span<const std::byte> part) { return write(part); });
}

Outcome<std::size_t> File::read_at(std::span<std::byte>, off_t) { return fail_with(ESPIPE); }
Outcome<std::size_t> File::write_at(std::span<const std::byte>, off_t) { return fail_with(ESPIPE); }
Outcome<off_t> File::seek(off_t, int) { return fail_with(ESPIPE); }
Outcome<> File::status(struct stat&) { return fail_with(EINVAL); }
Outcome<int> File::control(unsigned long, void*) { return fail_with(ENOTTY); }

void File::set_flags(int flags) {
    int old = flags_.load(std::memory_order_relaxed);
    while (!flags_.compare_exchange_weak(old, (old & ~changeable_flags) | (flags & changeable_flags))) {
    }
}

void File::readiness_changed() {
    // Pairs with Poller and Watches, which register before they look at readiness().
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (pollers_.load(std::memory_order_relaxed) != 0) Poller::wake_all();
    if (watches_.load(std::memory_order_relaxed) != nullptr) note_change(*this);
}

}  // namespace tenon::posix
