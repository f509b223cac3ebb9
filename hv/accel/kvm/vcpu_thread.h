// SPDX-License-Identifier: Apache-2.0
// The thread that runs a vCPU, and what it does when guest code leaves.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>

#include "hv/accel/kvm/vcpu.h"
#include "hv/guest/guest_end.h"

namespace hv::kvm {

/// Everything that a guest can reach outside of its memory. Called on the vCPU's thread; values are little-endian.
class GuestBus {
public:
    virtual ~GuestBus() = default;
    virtual std::uint32_t read_port(std::uint16_t port, std::uint32_t width) = 0;
    virtual void write_port(std::uint16_t port, std::uint32_t width, std::uint32_t value) = 0;
    virtual std::uint64_t read_memory(std::uint64_t address, std::uint32_t width) = 0;
    virtual void write_memory(std::uint64_t address, std::uint32_t width, std::uint64_t value) = 0;
    /// The guest cannot go on. The thread ends afterwards.
    virtual void guest_ended(GuestEnd end) = 0;
};

class VcpuThread {
public:
    /// The thread exists when this returns, and waits for start(). `vcpu` and `bus` outlive it; `event` is the one
    /// descriptor that it may write to.
    static Result<std::unique_ptr<VcpuThread>> create(Vcpu& vcpu, GuestBus& bus, int event);
    /// Stops it.
    ~VcpuThread();
    VcpuThread(const VcpuThread&) = delete;
    VcpuThread& operator=(const VcpuThread&) = delete;

    /// hv has confined itself: the thread does so too, further, before it enters the guest.
    void start();
    /// The thread leaves the guest and waits. is_parked() says when it does.
    void request_pause();
    [[nodiscard]] bool is_parked() const { return parked_.load(); }
    void resume();
    /// The thread enters the guest no more, and ends. Any thread; does not wait.
    void request_stop();
    /// The same, and waits. What the thread may be waiting for is cancelled before. May be called twice.
    void stop();
    [[nodiscard]] std::uint64_t cpu_ns() const;
    [[nodiscard]] pid_t id() const { return id_.load(); }

private:
    enum class Command : std::uint32_t { wait, run, pause, stop };

    VcpuThread(Vcpu& vcpu, GuestBus& bus, int event) : vcpu_(vcpu), bus_(bus), event_(event) {}
    static void* entry(void* self);
    void run();
    /// False: the guest is over.
    bool serve_exit();
    void serve_port(const kvm_run& record);
    void end_with(std::string reason);

    Vcpu& vcpu_;
    GuestBus& bus_;
    const int event_;
    pthread_t thread_{};
    std::atomic<pid_t> id_ = 0;
    bool joined_ = true;
    std::atomic<std::uint64_t> cpu_ns_at_end_ = 0;  ///< 0: the thread runs
    std::atomic<Command> command_ = Command::wait;
    std::atomic<bool> parked_ = false;
};

}  // namespace hv::kvm
