// SPDX-License-Identifier: Apache-2.0
// Looking at the memory of this process.
#include "hv/devices/slirp/memory_watch.h"

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "hv/core/file_descriptor.h"

namespace hv::slirp {

namespace {

constexpr std::uint64_t page_size = 4096;
/// Going over the heap costs time.
constexpr std::uint64_t trim_pause_ms = 100;

}  // namespace

MemoryWatch::MemoryWatch(Host host, std::uint64_t budget) : host_(std::move(host)) {
    const std::uint64_t now = host_.resident();
    tight_ = now + budget / 4 * 3;
    full_ = now + budget;
}

MemoryWatch::State MemoryWatch::state_of(std::uint64_t resident) const {
    return resident < tight_ ? State::free : resident < full_ ? State::tight : State::full;
}

MemoryWatch::State MemoryWatch::look(std::uint64_t now_ms) {
    const State state = state_of(host_.resident());
    if (state == State::free || now_ms < trim_again_ms_) return state;
    trim_again_ms_ = now_ms + trim_pause_ms;
    host_.trim();
    return state_of(host_.resident());
}

MemoryWatch::Host own_memory() {
    // The buffers of a connection are mapped by themselves, and so go back when it ends, however many there were.
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    const auto file = std::make_shared<FileDescriptor>(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
    return {.resident = [file]() -> std::uint64_t {
                // "SIZE RESIDENT ...", in pages.
                std::array<char, 64> text{};
                if (!*file || pread(file->get(), text.data(), text.size() - 1, 0) <= 0) return 0;
                char* end = nullptr;
                std::strtoull(text.data(), &end, 10);
                return std::strtoull(end, nullptr, 10) * page_size;
            },
            .trim = [] { malloc_trim(0); }};
}

}  // namespace hv::slirp
