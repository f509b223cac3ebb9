// SPDX-License-Identifier: Apache-2.0
// The thread that runs a vCPU, and what it does when guest code leaves.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>

#include "hv/accel/kvm/vcpu.h"
#include "hv/guest/guest_end.h"

namespace hv::kvm {

/// The ports and device registers that a guest can access. Called on the vCPU's thread; values are little-endian.
class GuestBus {
public:
    virtual ~GuestBus() = default;
    virtual std::uint32_t read_port(std::uint16_t port, std::uint32_t width) = 0;
    virtual void write_port(std::uint16_t port, std::uint32_t width, std::uint32_t value) = 0;
    virtual std::uint64_t read_memory(std::uint64_t address, std::uint32_t width) = 0;
    virtual void write_memory(std::uint64_t address, std::uint32_t width, std::uint64_t value) = 0;
    /// The guest cannot continue. The thread ends after this call.
    virtual void guest_ended(GuestEnd end) = 0;
};

class VcpuThread {
public:
    /// Creates the thread, which waits for start(). `vcpu` and `bus` outlive it; `event` is the only descriptor that it
    /// may write to.
    static Result<std::unique_ptr<VcpuThread>> create(Vcpu& vcpu, GuestBus& bus, int event);
    /// Stops the thread.
    ~VcpuThread();
    VcpuThread(const VcpuThread&) = delete;
    VcpuThread& operator=(const VcpuThread&) = delete;

    /// Lets the thread enter the guest, after it has confined itself. To be called when hv has confined itself.
    void start();
    /// Makes the thread leave the guest and wait. Returns at once; is_parked() becomes true when the thread waits.
    void request_pause();
    [[nodiscard]] bool is_parked() const { return parked_.load(); }
    void resume();
    /// Makes the thread leave the guest and end. Returns at once. May be called on any thread.
    void request_stop();
    /// Stops the thread and waits for its end. The caller has cancelled any call that the thread may be waiting for.
    /// Does nothing the second time.
    void stop();
    [[nodiscard]] std::uint64_t cpu_ns() const;
    [[nodiscard]] pid_t id() const { return id_.load(); }

private:
    enum class Command : std::uint32_t { wait, run, pause, stop };

    VcpuThread(Vcpu& vcpu, GuestBus& bus, int event) : vcpu_(vcpu), bus_(bus), event_(event) {}
    static void* entry(void* self);
    void run();
    /// Handles the exit in the vCPU's record. False: the guest has ended.
    bool serve_exit();
    void serve_port(const kvm_run& record);
    void end_with(std::string reason);

    Vcpu& vcpu_;
    GuestBus& bus_;
    const int event_;
    pthread_t thread_{};
    std::atomic<pid_t> id_ = 0;
    bool joined_ = true;
    std::atomic<std::uint64_t> cpu_ns_at_end_ = 0;  ///< 0 while the thread runs
    std::atomic<Command> command_ = Command::wait;
    std::atomic<bool> parked_ = false;
};

}  // namespace hv::kvm
