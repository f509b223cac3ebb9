// SPDX-License-Identifier: Apache-2.0
// The pv accelerator.
#include "hv/accel/pv/pv_accelerator.h"

#include <asm/hwcap2.h>
#include <sched.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "hv/accel/pv/guest_map.h"
#include "hv/accel/pv/guest_process.h"
#include "hv/accel/pv/hypercall_transport.h"
#include "hv/accel/pv/io_zone.h"
#include "hv/accel/pv/vcpu_events.h"
#include "hv/core/clock.h"
#include "hv/machine/hypercalls.h"
#include "hv/machine/start_info.h"

namespace hv {

namespace {

using tenon::abi::VcpuState;

constexpr std::uint32_t vcpu_count = 1;
/// What an idle vCPU polls before it sleeps: about what a wake-up through the host's scheduler costs.
constexpr std::uint32_t idle_spin_ns = 20'000;

std::uint32_t spin_of(std::uint32_t vcpus) {
    cpu_set_t cpus;
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 0;
    // One for hv itself: a spinning guest must not keep it from answering.
    return static_cast<std::uint32_t>(CPU_COUNT(&cpus)) > vcpus ? idle_spin_ns : 0;
}

/// What devices may touch: the guest's part of the I/O zone, not the pages in which hv and the guest talk.
GuestMemory device_memory(const MemoryLayout& memory, const pv::IoZone& zone) {
    constexpr std::uint64_t offset = tenon::abi::io_zone::buffers;
    const GuestMemory::Region region{memory.io_zone.base + offset, zone.bytes().subspan(offset)};
    return GuestMemory({&region, 1});
}

void fill_registers(tenon::abi::CrashReport& report, const user_regs_struct& from) {
    const std::uint64_t in_order[16] = {from.rax, from.rbx, from.rcx, from.rdx, from.rsi, from.rdi, from.rbp, from.rsp,
                                        from.r8,  from.r9,  from.r10, from.r11, from.r12, from.r13, from.r14, from.r15};
    std::ranges::copy(in_order, report.general);
    report.rip = from.rip;
    report.rflags = from.eflags;
}

class PvAccelerator final : public Accelerator, private HypercallTarget {
public:
    static Result<std::unique_ptr<PvAccelerator>> create(const MachineSetup& setup);
    ~PvAccelerator() override;

    [[nodiscard]] const char* name() const override { return "pv"; }
    Result<> start() override;
    void request(GuestRequest request) override;
    Result<> pause() override;
    void resume() override;
    void kill() override;
    void end_hung(std::string reason) override;
    [[nodiscard]] std::span<const tenon::abi::MemoryRange> ram() const override {
        return std::span(layout_.ranges).first(layout_.range_count);
    }
    [[nodiscard]] std::size_t read_ram(std::uint64_t address, std::span<std::byte> bytes) const override {
        return process_->read(tenon::abi::guest_base + address, bytes);
    }
    [[nodiscard]] pid_t guest_process() const override { return process_->id(); }
    [[nodiscard]] pid_t guest_thread() const override { return process_->id(); }
    [[nodiscard]] bool has_taken(GuestRequest request) const override {
        return (zone_.events().control.load() & control_bit(request)) == 0;
    }
    [[nodiscard]] bool is_idle() const override {
        const tenon::abi::VcpuEvents& events = zone_.events().vcpu[0];
        return events.state.load() == VcpuState::blocked && events.upcall_pending.load() == 0;
    }
    [[nodiscard]] std::uint64_t guest_cpu_ns() const override { return process_->cpu_ns(); }
    [[nodiscard]] BootTimes boot_times() const override;
    [[nodiscard]] const GuestPages& pages() const override { return pages_; }
    [[nodiscard]] MemoryCounters memory_counters() const override { return read_memory_counters(zone_.events()); }
    void page_out(std::uint64_t bytes) override;

private:
    PvAccelerator(const MachineSetup& setup, const MemoryLayout& memory, pv::IoZone zone)
        : setup_(setup),
          layout_(memory),
          // Nothing to discard with: hv does not map the guest's RAM, the guest drops its pages itself.
          pages_(pages_of(memory, setup.image.layout())),
          zone_(std::move(zone)),
          memory_(device_memory(memory, zone_)),
          clock_(zone_.clock(), {}, setup.state_directory.empty() ? std::string() : setup.state_directory + "/.clock"),
          events_(zone_.events().vcpu[0], [this] { process_->kick(); }) {}

    void console_write(std::string_view text) override { setup_.console(text); }
    void ready() override { setup_.ready(); }
    void end(GuestEnd end) override;
    std::int64_t device_setup(std::uint64_t device, std::uint64_t features,
                              std::span<const tenon::abi::QueueSetup> queues) override {
        return transport_->setup(device, features, queues);
    }
    std::int64_t device_reset(std::uint64_t device) override { return transport_->reset(device); }
    std::int64_t device_configure(std::uint64_t device, std::uint64_t offset,
                                  std::span<const std::byte> bytes) override {
        return transport_->configure(device, offset, bytes);
    }

    void send_control(std::uint32_t bit);
    void serve_calls();
    void process_died();
    /// Stops the process for whoever looks at it, and kills one that cannot be stopped. Its registers, if they can be
    /// had.
    std::optional<user_regs_struct> hold(GuestEnd& end);

    MachineSetup setup_;
    MemoryLayout layout_;
    GuestPages pages_;
    pv::IoZone zone_;
    GuestMemory memory_;
    MachineClock clock_;
    FileDescriptor hypercall_doorbell_;
    std::unique_ptr<pv::GuestProcess> process_;
    pv::VcpuEventSender events_;
    std::unique_ptr<HypercallTransport> transport_;
    std::uint64_t entry_tsc_ = 0;
    bool watching_ = false;
    bool ended_ = false;
};

Result<std::unique_ptr<PvAccelerator>> PvAccelerator::create(const MachineSetup& setup) {
    // Without it a guest could not switch threads: setting a segment base would be a system call.
    if ((getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) == 0)
        return fail(ErrorKind::host_lacks, "pv needs the FSGSBASE instructions, which this processor or kernel lacks");
    const Image& image = setup.image;
    TRY(const MemoryLayout memory, plan_memory(setup.memory_bytes, image));
    TRY(pv::IoZone zone, pv::IoZone::create(memory.io_zone.size));
    std::unique_ptr<PvAccelerator> self(new PvAccelerator(setup, memory, std::move(zone)));

    self->hypercall_doorbell_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!self->hypercall_doorbell_) return fail(ErrorKind::internal, std::string("eventfd: ") + std::strerror(errno));
    TRY(self->transport_, HypercallTransport::create(
                              setup.devices, self->zone_.devices(), self->memory_, setup.loop, pv::first_doorbell + 1,
                              [raw = self.get()](std::uint32_t event) { raw->events_.send(event); }));

    std::vector<int> doorbells = self->transport_->doorbells();
    doorbells.insert(doorbells.begin(), self->hypercall_doorbell_.get());
    TRY(pv::StubSetup stub,
        pv::map_guest(image.layout(), image.path(), memory, vcpu_count, static_cast<std::uint32_t>(doorbells.size())));
    if (setup.mergeable_memory) stub.memory_flags |= pv::stub_memory::mergeable;
    if (setup.private_memory) stub.memory_flags |= pv::stub_memory::own;
    // The process maps and locks itself down on another CPU while this one fills the pages below.
    TRY(self->process_, pv::GuestProcess::start(stub, {.zone_writable = self->zone_.writable_file(),
                                                       .zone_read_only = self->zone_.read_only_file(),
                                                       .image = image.file(),
                                                       .doorbells = doorbells}));
    tenon::abi::StartInfo& start = self->zone_.start_info();
    CHECK(fill_start_info(start, setup, memory, tenon::abi::Accelerator::pv));
    start.hypercall_doorbell = pv::first_doorbell;
    start.timer_id = 0;
    start.idle_spin_ns = spin_of(vcpu_count);
    self->zone_.events().vcpu[0].upcall_mask.store(1);
    return self;
}

PvAccelerator::~PvAccelerator() {
    if (!watching_) return;
    setup_.loop.unwatch(hypercall_doorbell_.get());
    setup_.loop.unwatch(process_->death());
}

Result<> PvAccelerator::start() {
    CHECK(setup_.loop.watch(hypercall_doorbell_.get(), EPOLLIN | EPOLLET, [this](std::uint32_t) { serve_calls(); }));
    CHECK(setup_.loop.watch(process_->death(), EPOLLIN, [this](std::uint32_t) { process_died(); }));
    watching_ = true;
    CHECK(process_->wait_ready());
    zone_.close_files();
    clock_.start();
    clock_.tell_jumps([this] { request(GuestRequest::clock_jumped); });
    clock_.keep_exact(setup_.loop);

    entry_tsc_ = host_tsc();
    zone_.start_info().guest_entry_tsc = entry_tsc_;
    std::atomic<VcpuState>& state = zone_.events().vcpu[0].state;
    state.store(VcpuState::running);
    pv::wake_futex(&state);
    return {};
}

void PvAccelerator::serve_calls() {
    for (std::uint32_t vcpu = 0; vcpu < vcpu_count && !ended_; ++vcpu) {
        tenon::abi::HypercallSlot& slot = zone_.slot(vcpu);
        const SlotOutcome outcome = serve_hypercall(slot, *this);
        // The machine may be gone by now.
        if (outcome == SlotOutcome::not_back) return;
        if (outcome == SlotOutcome::done) pv::wake_futex(&slot.state);
    }
}

std::optional<user_regs_struct> PvAccelerator::hold(GuestEnd& end) {
    if (!process_->stop()) {
        process_->kill();
        return std::nullopt;
    }
    const auto registers = process_->registers();
    if (registers) {
        end.fs_base = registers->fs_base;
        end.gs_base = registers->gs_base;
    }
    return registers;
}

void PvAccelerator::end(GuestEnd end) {
    if (ended_) return;
    ended_ = true;
    // A guest that reported its crash waits in the call: it can be looked at for as long as this object lives.
    if (end.kind == GuestEnd::Kind::crashed && end.has_report)
        (void)hold(end);
    else
        process_->kill();
    setup_.ended(std::move(end));
}

void PvAccelerator::end_hung(std::string reason) {
    if (ended_) return;
    ended_ = true;
    GuestEnd end{.kind = GuestEnd::Kind::crashed, .reason = std::move(reason)};
    if (const auto registers = hold(end)) {
        end.has_report = true;
        fill_registers(end.report, *registers);
    }
    setup_.ended(std::move(end));
}

Result<> PvAccelerator::pause() {
    if (!process_->stop()) return fail(ErrorKind::internal, "the guest's process does not stop");
    clock_.pause();
    return {};
}

void PvAccelerator::resume() {
    clock_.resume();
    process_->resume();
}

void PvAccelerator::kill() {
    end({.kind = GuestEnd::Kind::killed, .exit_code = 0, .reason = "killed", .has_report = false, .report = {}});
}

void PvAccelerator::process_died() {
    // A dead process stays readable: without this the loop would spin until the machine is destroyed.
    setup_.loop.change(process_->death(), 0);
    const pv::GuestProcess::End death = process_->reap();
    if (ended_) return;
    GuestEnd crash{.kind = GuestEnd::Kind::crashed, .exit_code = 0, .reason = {}, .has_report = false, .report = {}};
    if (!death.by_signal && death.code == pv::lockdown_failed)
        crash.reason = "its process could not lock itself down (does this kernel seal the vdso?)";
    else if (!death.by_signal)
        crash.reason = "its last vCPU left without a shutdown (code " + std::to_string(death.code) + ")";
    else if (death.code == SIGSYS)
        crash.reason = "forbidden system call";
    else if (death.code == SIGSEGV || death.code == SIGBUS)
        crash.reason = "fault with no way out (in the trap handler, or its stack is used up)";
    else if (death.code == SIGKILL)
        crash.reason = "the guest's process was killed by signal 9 (from outside; was the host out of memory?)";
    else
        crash.reason = "the guest's process was killed by signal " + std::to_string(death.code);
    end(std::move(crash));
}

void PvAccelerator::request(GuestRequest request) { send_control(control_bit(request)); }

void PvAccelerator::page_out(std::uint64_t bytes) {
    zone_.events().page_out_bytes.store(bytes);
    send_control(tenon::abi::control_request::page_out);
}

void PvAccelerator::send_control(std::uint32_t bit) {
    zone_.events().control.fetch_or(bit);
    events_.send(tenon::abi::event::control);
}

Accelerator::BootTimes PvAccelerator::boot_times() const {
    BootTimes times{.guest_entry_tsc = entry_tsc_, .marks = {}};
    for (std::size_t i = 0; i < std::size(times.marks); ++i) times.marks[i] = zone_.events().boot_marks[i].load();
    return times;
}

}  // namespace

Result<std::unique_ptr<Accelerator>> make_pv_accelerator(const MachineSetup& setup) {
    return PvAccelerator::create(setup);
}

}  // namespace hv
