// SPDX-License-Identifier: Apache-2.0
// Running a vCPU.
#include "hv/accel/kvm/vcpu_thread.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "hv/accel/kvm/vcpu_filter.h"
#include "hv/core/counters.h"
#include "hv/core/host_clock.h"

namespace hv::kvm {

namespace {

Counter exits_port("exits.port");
Counter exits_memory("exits.memory");
Counter exits_interrupted("exits.interrupted");
Counter exits_other("exits.other");

/// The signal that makes KVM_RUN return. Its handler does nothing.
int kick_signal() { return SIGRTMIN; }

bool prepare_kick_signal() {
    struct sigaction action {};
    action.sa_handler = [](int) {};
    return sigaction(kick_signal(), &action, nullptr) == 0;
}

}  // namespace

Result<std::unique_ptr<VcpuThread>> VcpuThread::create(Vcpu& vcpu, GuestBus& bus, int event) {
    if (!prepare_kick_signal()) return fail(ErrorKind::internal, "no signal for the vCPU's thread");
    std::unique_ptr<VcpuThread> self(new VcpuThread(vcpu, bus, event));
    // The thread starts with all signals blocked except the kick: the loop serves the others.
    sigset_t all, before;
    sigfillset(&all);
    sigdelset(&all, kick_signal());
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    constexpr std::size_t stack_size = 256 * 1024;
    pthread_attr_setstacksize(&attributes, stack_size);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&self->thread_, &attributes, entry, self.get());
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    if (error != 0) return fail(ErrorKind::no_memory, std::string("thread for the vCPU: ") + std::strerror(error));
    self->joined_ = false;
    self->id_.wait(0);
    return self;
}

VcpuThread::~VcpuThread() { stop(); }

void VcpuThread::start() {
    command_ = Command::run;
    command_.notify_one();
}

void VcpuThread::request_pause() {
    if (joined_) return;
    command_ = Command::pause;
    vcpu_.record().immediate_exit = 1;
    pthread_kill(thread_, kick_signal());
}

void VcpuThread::resume() {
    if (joined_ || command_.load() != Command::pause) return;
    vcpu_.record().immediate_exit = 0;
    command_ = Command::run;
    command_.notify_one();
}

void VcpuThread::request_stop() {
    if (joined_) return;
    command_ = Command::stop;
    command_.notify_one();
    // immediate_exit makes the next KVM_RUN return at once; the signal interrupts one that is running.
    vcpu_.record().immediate_exit = 1;
    pthread_kill(thread_, kick_signal());
}

void VcpuThread::stop() {
    if (joined_) return;
    request_stop();
    pthread_join(thread_, nullptr);
    joined_ = true;
}

std::uint64_t VcpuThread::cpu_ns() const {
    clockid_t clock;
    if (const std::uint64_t at_end = cpu_ns_at_end_.load(); at_end != 0) return at_end;
    return !joined_ && pthread_getcpuclockid(thread_, &clock) == 0 ? read_clock_ns(clock) : 0;
}

void* VcpuThread::entry(void* self) {
    auto& thread = *static_cast<VcpuThread*>(self);
    thread.id_ = gettid();
    thread.id_.notify_one();
    thread.run();
    thread.cpu_ns_at_end_ = read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    return nullptr;
}

void VcpuThread::run() {
    // Not before start(): hv could not synchronize its filter to a thread that has one of its own.
    command_.wait(Command::wait);
    if (command_.load() == Command::stop) return;
    if (auto confined = confine_vcpu_thread(vcpu_.fd(), event_); !confined) return end_with(confined.error().message);
    while (command_.load() != Command::stop) {
        if (command_.load() == Command::pause) {
            parked_ = true;
            command_.wait(Command::pause);
            parked_ = false;
            continue;
        }
        const int error = vcpu_.run();
        if (error == -EINTR || error == -EAGAIN) {
            exits_interrupted.add();
            continue;
        }
        if (error != 0) return end_with(std::string("KVM cannot run it: ") + std::strerror(-error));
        if (!serve_exit()) return;
    }
}

bool VcpuThread::serve_exit() {
    kvm_run& record = vcpu_.record();
    switch (record.exit_reason) {
        case KVM_EXIT_IO:
            exits_port.add();
            serve_port(record);
            return true;
        case KVM_EXIT_MMIO: {
            exits_memory.add();
            std::uint64_t value = 0;
            const std::uint32_t width = std::min<std::uint32_t>(record.mmio.len, sizeof value);
            if (record.mmio.is_write != 0) {
                std::memcpy(&value, record.mmio.data, width);
                bus_.write_memory(record.mmio.phys_addr, width, value);
            } else {
                value = bus_.read_memory(record.mmio.phys_addr, width);
                std::memcpy(record.mmio.data, &value, width);
            }
            return true;
        }
        case KVM_EXIT_INTR: exits_interrupted.add(); return true;
        case KVM_EXIT_SHUTDOWN: end_with("triple fault"); return false;
        case KVM_EXIT_SYSTEM_EVENT: end_with("a reset or shutdown that hv does not know"); return false;
        case KVM_EXIT_FAIL_ENTRY:
            end_with("the processor refuses its state (" +
                     std::to_string(record.fail_entry.hardware_entry_failure_reason) + ")");
            return false;
        case KVM_EXIT_INTERNAL_ERROR:
            end_with("KVM cannot carry out an instruction (error " + std::to_string(record.internal.suberror) +
                     "; where /dev/kvm emulates ring 0, use --accel pv)");
            return false;
        default:
            exits_other.add();
            end_with("an exit that hv does not know (" + std::to_string(record.exit_reason) + ")");
            return false;
    }
}

void VcpuThread::serve_port(const kvm_run& record) {
    auto* data = reinterpret_cast<std::byte*>(&vcpu_.record()) + record.io.data_offset;
    const std::uint32_t width = std::min<std::uint32_t>(record.io.size, 4);
    for (std::uint32_t i = 0; i < record.io.count; ++i, data += width) {
        std::uint32_t value = 0;
        if (record.io.direction == KVM_EXIT_IO_OUT) {
            std::memcpy(&value, data, width);
            bus_.write_port(record.io.port, width, value);
        } else {
            value = bus_.read_port(record.io.port, width);
            std::memcpy(data, &value, width);
        }
    }
}

void VcpuThread::end_with(std::string reason) {
    GuestEnd end{
        .kind = GuestEnd::Kind::crashed, .exit_code = 0, .reason = std::move(reason), .has_report = true, .report = {}};
    vcpu_.read_registers(end);
    end.reason.copy(end.report.reason, sizeof end.report.reason - 1);
    bus_.guest_ended(std::move(end));
}

}  // namespace hv::kvm
