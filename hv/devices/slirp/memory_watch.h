// SPDX-License-Identifier: Apache-2.0
// How much memory hv-slirp takes for a guest: what libslirp holds for it has no bound of its own.
#pragma once

#include <cstdint>
#include <functional>

namespace hv::slirp {

class MemoryWatch {
public:
    enum class State {
        free,   ///< all is well
        tight,  ///< nothing new: no more connections
        full,   ///< connections go, until there is room
    };
    /// Bytes resident now, and what gives those back that are free within the process.
    struct Host {
        std::function<std::uint64_t()> resident;
        std::function<void()> trim;
    };

    /// `budget`: bytes more than are resident now; tight from three quarters of it on.
    MemoryWatch(Host host, std::uint64_t budget);

    /// To be called once a turn.
    [[nodiscard]] State look(std::uint64_t now_ms);

private:
    [[nodiscard]] State state_of(std::uint64_t resident) const;

    Host host_;
    std::uint64_t tight_, full_;
    std::uint64_t trim_again_ms_ = 0;
};

/// This process's: glibc's heap and /proc/self/statm, which is opened here, before files are out of reach.
[[nodiscard]] MemoryWatch::Host own_memory();

}  // namespace hv::slirp
