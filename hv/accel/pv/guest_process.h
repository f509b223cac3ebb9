// SPDX-License-Identifier: Apache-2.0
// The process in which a guest runs: made, told to go, kicked, ended.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "hv/accel/pv/stub/protocol.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"

namespace hv::pv {

/// Descriptors of hv that the process gets, under the numbers of stub/protocol.h.
struct GuestFiles {
    int zone_writable;
    int zone_read_only;
    int image;
    std::span<const int> doorbells;
};

/// Created from hv's main thread: when that thread ends, however it ends, the kernel kills the process.
class GuestProcess {
public:
    /// Starts the process, which then maps the guest and locks itself down while hv goes on.
    /// Errors: no_permission or host_lacks (user namespaces), no_memory, internal.
    static Result<std::unique_ptr<GuestProcess>> start(const StubSetup& setup, const GuestFiles& files);
    /// Ends the process and waits for it.
    ~GuestProcess();
    GuestProcess(const GuestProcess&) = delete;
    GuestProcess& operator=(const GuestProcess&) = delete;

    /// Waits until the process is as good as locked down. Errors: what it could not do.
    Result<> wait_ready();

    /// Becomes readable when the process is over.
    [[nodiscard]] int death() const { return pidfd_.get(); }
    [[nodiscard]] pid_t id() const { return pid_; }
    /// Interrupts vCPU 0.
    void kick() const;
    void kill() const;
    /// Stops all of it from outside, where it cannot resist; kicks wait until resume(). False: it has not stopped in
    /// time, and goes on.
    [[nodiscard]] bool stop() const;
    void resume() const;
    /// After stop(): the registers of vCPU 0. Nothing where a debugger holds the process, or the host forbids to look.
    [[nodiscard]] std::optional<user_regs_struct> registers() const;
    /// After stop(): copies its memory; returns how much, from the start.
    [[nodiscard]] std::size_t read(std::uint64_t address, std::span<std::byte> bytes) const;

    struct End {
        bool by_signal;
        int code;  ///< signal number, or exit code
    };
    /// Waits for the end, and takes note of it.
    End reap();

    /// CPU time of all its threads, in ns.
    [[nodiscard]] std::uint64_t cpu_ns() const;

private:
    struct Launch;
    GuestProcess() = default;
    static int run_child(void* launch);

    pid_t pid_ = -1;
    FileDescriptor pidfd_;
    FileDescriptor socket_;
    std::unique_ptr<Launch> launch_;  ///< what the child uses until exec
    bool reaped_ = false;
    End end_{};
    mutable std::uint64_t last_cpu_ns_ = 0;
};

}  // namespace hv::pv
