// SPDX-License-Identifier: Apache-2.0
// The process in which a guest runs: starting, interrupting, stopping and ending it.
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hv/accel/pv/stub/protocol.h"
#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/core/file_opener.h"

namespace hv::pv {

/// The descriptors of hv that the process inherits, under the numbers of stub/protocol.h.
struct GuestFiles {
    int zone_writable;
    int zone_read_only;
    int image;
    std::span<const int> doorbells;
};

/// Created from hv's main thread: when that thread ends, however it ends, the kernel kills the process.
class GuestProcess {
public:
    /// Starts the process, which maps the guest and locks itself down while hv continues.
    /// Errors: no_permission or host_lacks (user namespaces), no_memory, internal.
    static Result<std::unique_ptr<GuestProcess>> start(const StubSetup& setup, const GuestFiles& files);
    /// Ends the process and waits for it.
    ~GuestProcess();
    GuestProcess(const GuestProcess&) = delete;
    GuestProcess& operator=(const GuestProcess&) = delete;

    /// Waits until the process has done everything except the last steps of its lock-down, whose failure shows as its
    /// death. A second call returns at once. Errors: the step that failed.
    Result<> wait_ready();

    /// A descriptor that becomes readable when the process has ended.
    [[nodiscard]] int death() const { return pidfd_.get(); }
    [[nodiscard]] pid_t id() const { return pid_; }
    /// Finds the threads of `vcpu_count` vCPUs. After wait_ready(). Errors: host_lacks (no /proc, which tells them).
    Result<> find_threads(std::uint32_t vcpu_count, FileOpener& opener);
    /// The threads that are known; index: vCPU. Without find_threads() only the first.
    [[nodiscard]] std::span<const pid_t> threads() const { return threads_; }
    /// Interrupts a vCPU, whose thread is known.
    void kick(std::uint32_t vcpu) const;
    void kill() const;
    /// Stops all threads from outside (SIGSTOP), which the guest cannot prevent; kicks take effect after resume().
    /// False: they did not stop in time, and run on.
    [[nodiscard]] bool stop() const;
    void resume() const;
    /// After stop(): the registers of a vCPU. Nothing where a debugger is attached, or the host forbids ptrace.
    [[nodiscard]] std::optional<user_regs_struct> registers(std::uint32_t vcpu) const;
    /// After stop(): copies memory of the process. Returns how many bytes, from the start, were copied.
    [[nodiscard]] std::size_t read(std::uint64_t address, std::span<std::byte> bytes) const;

    struct End {
        bool by_signal;
        int code;  ///< signal number, or exit code
    };
    /// Waits for the process's end. Later calls return the same.
    End reap();

    /// CPU time of all its threads, in ns.
    [[nodiscard]] std::uint64_t cpu_ns() const;

private:
    struct Launch;
    GuestProcess() = default;
    static int run_child(void* launch);

    pid_t pid_ = -1;
    std::vector<pid_t> threads_;
    FileDescriptor pidfd_;
    FileDescriptor socket_;
    std::unique_ptr<Launch> launch_;  ///< data that the child uses until exec
    bool reaped_ = false;
    End end_{};
    mutable std::uint64_t last_cpu_ns_ = 0;
};

}  // namespace hv::pv
