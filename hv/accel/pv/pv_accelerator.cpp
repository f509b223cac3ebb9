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
#include <vector>

#include "hv/accel/pv/guest_map.h"
#include "hv/accel/pv/guest_process.h"
#include "hv/accel/pv/hypercall_transport.h"
#include "hv/accel/pv/shared_zone.h"
#include "hv/accel/pv/vcpu_events.h"
#include "hv/guest/memory_layout.h"
#include "hv/guest/tenon_guest.h"

namespace hv {

namespace {

bool host_has_fsgsbase() { return (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0; }

using tenon::abi::VcpuState;

/// How long an idle vCPU polls before it sleeps: about the cost of a wake-up by the host's scheduler.
constexpr std::uint32_t idle_spin_ns = 20'000;

std::uint32_t spin_of(std::uint32_t vcpus) {
    cpu_set_t cpus;
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 0;
    // One more CPU than vCPUs, for hv itself: a polling guest must not keep hv from answering.
    return static_cast<std::uint32_t>(CPU_COUNT(&cpus)) > vcpus ? idle_spin_ns : 0;
}

void fill_registers(tenon::abi::CrashReport& report, const user_regs_struct& from) {
    const std::uint64_t in_order[16] = {from.rax, from.rbx, from.rcx, from.rdx, from.rsi, from.rdi, from.rbp, from.rsp,
                                        from.r8,  from.r9,  from.r10, from.r11, from.r12, from.r13, from.r14, from.r15};
    std::ranges::copy(in_order, report.general);
    report.rip = from.rip;
    report.rflags = from.eflags;
}

class PvAccelerator final : public Accelerator {
public:
    static Result<std::unique_ptr<PvAccelerator>> create(const MachineSetup& setup);
    ~PvAccelerator() override;

    [[nodiscard]] const char* name() const override { return "pv"; }
    [[nodiscard]] TenonGuest& guest() override { return guest_; }
    Result<> start() override;
    Result<> pause() override;
    void resume() override;
    void kill() override { end({.kind = GuestEnd::Kind::killed, .reason = "killed"}); }
    void end_hung(std::uint32_t vcpu, std::string reason) override;
    [[nodiscard]] std::span<const tenon::abi::MemoryRange> ram() const override { return layout_.ram(); }
    [[nodiscard]] std::size_t read_ram(std::uint64_t address, std::span<std::byte> bytes) const override {
        return process_->read(tenon::abi::guest_base + address, bytes);
    }
    [[nodiscard]] const GuestPages& pages() const override { return pages_; }
    void page_out(std::uint64_t bytes) override { guest_.request_page_out(bytes); }
    [[nodiscard]] pid_t guest_process() const override { return process_->id(); }
    Result<> find_threads(FileOpener& opener) override;
    [[nodiscard]] std::span<const pid_t> guest_threads() const override { return process_->threads(); }
    [[nodiscard]] std::uint64_t guest_cpu_ns() const override { return process_->cpu_ns(); }

private:
    PvAccelerator(const MachineSetup& setup, const MemoryLayout& memory, pv::SharedZone zone)
        : setup_(setup),
          layout_(memory),
          // Without a discard function: hv does not map the guest's RAM, and the guest drops its pages itself.
          pages_(pages_of(memory, setup.image.layout())),
          zone_(std::move(zone)),
          guest_({zone_.bytes(), memory.io_zone.base}, setup.clock_start,
                 {.raise = [this](std::uint32_t vcpu, std::uint32_t event) { events_[vcpu].send(event); },
                  .console = setup.console,
                  .ready = setup.ready,
                  .ended = [this](GuestEnd guest_end) { end(std::move(guest_end)); }}),
          memory_(guest_.zone().device_memory()) {
        for (std::uint32_t vcpu = 0; vcpu < setup.vcpu_count; ++vcpu)
            events_.emplace_back(guest_.zone().events().vcpu[vcpu], [this, vcpu] { process_->kick(vcpu); });
    }

    Result<> connect(const Image& image);
    void serve_calls();
    void process_died();
    void end(GuestEnd end);
    /// Stops the process so that it can be examined, or kills it if it does not stop. Fills in what the guest has not
    /// reported itself: segment bases, and the registers of other vCPUs than the one that it ended on. Returns the
    /// registers of that one, if they can be read.
    std::optional<user_regs_struct> hold(GuestEnd& end);

    MachineSetup setup_;
    MemoryLayout layout_;
    GuestPages pages_;
    pv::SharedZone zone_;
    TenonGuest guest_;
    GuestMemory memory_;
    FileDescriptor hypercall_doorbell_;
    std::unique_ptr<pv::GuestProcess> process_;
    std::vector<pv::VcpuEventSender> events_;  ///< index: vCPU
    std::unique_ptr<HypercallTransport> transport_;
    bool watching_ = false;
    bool ended_ = false;
};

Result<std::unique_ptr<PvAccelerator>> PvAccelerator::create(const MachineSetup& setup) {
    constexpr auto base_calls = static_cast<std::uint64_t>(tenon::abi::Feature::segment_base_calls);
    if (!host_has_fsgsbase() && (setup.image.layout().note.wanted_features & base_calls) == 0)
        return fail(ErrorKind::host_lacks, "'" + setup.image.path() +
                                               "': this host lacks the FSGSBASE instructions, and the image was linked "
                                               "with a Tenon that needs them on pv (link it anew)");
    TRY(const MemoryLayout memory, plan_memory(setup.memory_bytes, setup.image));
    TRY(pv::SharedZone zone, pv::SharedZone::create(memory.io_zone.size));
    std::unique_ptr<PvAccelerator> self(new PvAccelerator(setup, memory, std::move(zone)));
    CHECK(self->connect(setup.image));
    return self;
}

Result<> PvAccelerator::connect(const Image& image) {
    const IoZone& zone = guest_.zone();
    hypercall_doorbell_ = FileDescriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!hypercall_doorbell_) return fail(ErrorKind::internal, std::string("eventfd: ") + std::strerror(errno));
    TRY(transport_,
        HypercallTransport::create(setup_.devices, zone.devices(), memory_, setup_.loop, pv::first_doorbell + 1,
                                   [this](std::uint32_t event) { events_.front().send(event); }));

    std::vector<int> doorbells = transport_->doorbells();
    doorbells.insert(doorbells.begin(), hypercall_doorbell_.get());
    TRY(pv::StubSetup stub, pv::map_guest(image.layout(), image.path(), layout_, setup_.vcpu_count,
                                          static_cast<std::uint32_t>(doorbells.size())));
    if (setup_.mergeable_memory) stub.memory_flags |= pv::stub_memory::mergeable;
    if (setup_.private_memory) stub.memory_flags |= pv::stub_memory::own;
    stub.segment_bases_by_call = host_has_fsgsbase() ? 0 : 1;
    // While the process maps the guest and locks itself down on another CPU, this one fills the pages below.
    TRY(process_, pv::GuestProcess::start(stub, {.zone_writable = zone_.writable_file(),
                                                 .zone_read_only = zone_.read_only_file(),
                                                 .image = image.file(),
                                                 .doorbells = doorbells}));
    tenon::abi::StartInfo& start = zone.start_info();
    CHECK(fill_start_info(start, setup_.start_parameters(tenon::abi::Accelerator::pv, layout_)));
    start.hypercall_doorbell = pv::first_doorbell;
    start.timer_id = 0;
    start.idle_spin_ns = spin_of(setup_.vcpu_count);
    start.segment_bases_by_call = stub.segment_bases_by_call;
    for (std::uint32_t vcpu = 0; vcpu < setup_.vcpu_count; ++vcpu) zone.events().vcpu[vcpu].upcall_mask.store(1);
    return {};
}

Result<> PvAccelerator::find_threads(FileOpener& opener) {
    // A process's first thread has the id of the process.
    if (setup_.vcpu_count == 1) return {};
    CHECK(process_->wait_ready());
    return process_->find_threads(setup_.vcpu_count, opener);
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
    guest_.start(setup_.loop);
    std::atomic<VcpuState>& state = guest_.zone().events().vcpu[0].state;
    state.store(VcpuState::running);
    pv::wake_futex(&state);
    return {};
}

void PvAccelerator::serve_calls() {
    for (std::uint32_t vcpu = 0; vcpu < setup_.vcpu_count && !ended_; ++vcpu) {
        const SlotOutcome outcome = guest_.serve_call(vcpu, transport_.get());
        // The machine may be destroyed by now.
        if (outcome == SlotOutcome::not_back) return;
        if (outcome == SlotOutcome::done) pv::wake_futex(&guest_.zone().slot(vcpu).state);
    }
}

std::optional<user_regs_struct> PvAccelerator::hold(GuestEnd& end) {
    if (!process_->stop()) {
        process_->kill();
        return std::nullopt;
    }
    const auto registers = process_->registers(end.vcpu);
    if (registers) {
        end.fs_base = registers->fs_base;
        end.gs_base = registers->gs_base;
    }
    for (std::uint32_t vcpu = 0; vcpu < setup_.vcpu_count; ++vcpu) {
        if (vcpu == end.vcpu) continue;
        const auto others = process_->registers(vcpu);
        if (!others) continue;
        GuestEnd::OtherVcpu& other = end.others.emplace_back();
        other.vcpu = vcpu;
        other.fs_base = others->fs_base;
        other.gs_base = others->gs_base;
        fill_registers(other.report, *others);
    }
    return registers;
}

void PvAccelerator::end(GuestEnd end) {
    if (ended_) return;
    ended_ = true;
    // A guest that has reported its crash waits in the call: it can be examined for as long as this object lives.
    if (end.kind == GuestEnd::Kind::crashed && end.has_report)
        (void)hold(end);
    else
        process_->kill();
    setup_.ended(std::move(end));
}

void PvAccelerator::end_hung(std::uint32_t vcpu, std::string reason) {
    if (ended_) return;
    ended_ = true;
    GuestEnd end{.kind = GuestEnd::Kind::crashed, .reason = std::move(reason), .vcpu = vcpu};
    if (const auto registers = hold(end)) {
        end.has_report = true;
        fill_registers(end.report, *registers);
    }
    setup_.ended(std::move(end));
}

Result<> PvAccelerator::pause() {
    if (!process_->stop()) return fail(ErrorKind::internal, "the guest's process does not stop");
    guest_.pause();
    return {};
}

void PvAccelerator::resume() {
    guest_.resume();
    process_->resume();
}

void PvAccelerator::process_died() {
    // The descriptor of a dead process stays readable: the loop would spin if it watched it further.
    setup_.loop.change(process_->death(), 0);
    const pv::GuestProcess::End death = process_->reap();
    if (ended_) return;
    GuestEnd crash{.kind = GuestEnd::Kind::crashed};
    if (!death.by_signal && death.code == pv::lockdown_failed)
        crash.reason = "its process could not lock itself down (does this kernel seal the vdso?)";
    else if (!death.by_signal)
        crash.reason = "its last vCPU exited without a shutdown (code " + std::to_string(death.code) + ")";
    else if (death.code == SIGSYS)
        crash.reason = "forbidden system call";
    else if (death.code == SIGSEGV || death.code == SIGBUS)
        crash.reason = "fault that it cannot handle (in the trap handler, or its stack overflowed)";
    else if (death.code == SIGKILL)
        crash.reason = "the guest's process was killed by signal 9 (from outside; was the host out of memory?)";
    else
        crash.reason = "the guest's process was killed by signal " + std::to_string(death.code);
    end(std::move(crash));
}

}  // namespace

Result<std::unique_ptr<Accelerator>> make_pv_accelerator(const MachineSetup& setup) {
    return PvAccelerator::create(setup);
}

}  // namespace hv
