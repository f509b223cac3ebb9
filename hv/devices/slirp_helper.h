// SPDX-License-Identifier: Apache-2.0
// The user-mode network's process, seen from hv: hv-slirp, started beside hv and ended with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/process_memory.h"
#include "hv/devices/net_backend.h"
#include "hv/devices/user_network_options.h"

namespace hv {

/// Owns the process. Starting takes milliseconds (libslirp and glib are shared libraries), so it goes on while hv
/// prepares the rest: start() returns at once, wait_until_ready() when the ports are open.
class SlirpHelper {
public:
    /// `memory`: bytes that it may take for the guest, besides its own. Errors: not_found (hv-slirp is neither beside
    /// hv nor installed), internal.
    static Result<SlirpHelper> start(const UserNetworkOptions& network, std::uint64_t memory);

    /// The guest's end of the network. `network.forwards` get the host ports that were chosen for 0.
    /// Errors: in_use (a port), no_permission (a port below 1024), host_lacks, internal.
    Result<NetBackend> wait_until_ready(UserNetworkOptions& network);

    SlirpHelper(SlirpHelper&& other) noexcept
        : process_(std::exchange(other.process_, -1)),
          socket_(std::move(other.socket_)),
          status_(std::move(other.status_)),
          end_(std::move(other.end_)) {}
    SlirpHelper& operator=(SlirpHelper&& other) noexcept {
        std::swap(process_, other.process_);
        std::swap(end_, other.end_);
        std::swap(socket_, other.socket_);
        std::swap(status_, other.status_);
        return *this;
    }
    /// The backend is gone by now. Waits for the process, whose socket is closed, to end; one that does not is killed
    /// by the host's kernel when hv ends.
    ~SlirpHelper();

    [[nodiscard]] pid_t process() const { return process_; }
    /// Nothing: it has ended.
    [[nodiscard]] std::optional<ProcessMemory> memory_use() const { return read_process_status(status_); }

private:
    SlirpHelper(pid_t process, FileDescriptor socket, FileDescriptor status, FileDescriptor end)
        : process_(process), socket_(std::move(socket)), status_(std::move(status)), end_(std::move(end)) {}
    pid_t process_;
    FileDescriptor socket_;
    FileDescriptor status_;
    FileDescriptor end_;  ///< a pidfd, readable when it has ended
};

}  // namespace hv
