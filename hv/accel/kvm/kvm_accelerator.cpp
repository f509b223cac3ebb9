// SPDX-License-Identifier: Apache-2.0
// The kvm accelerator: one VM, one vCPU on a thread of its own, devices on the event loop.
#include "hv/accel/kvm/kvm_accelerator.h"

#include <poll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "hv/accel/kvm/cpuid.h"
#include "hv/accel/kvm/guest_ram.h"
#include "hv/accel/kvm/loop_calls.h"
#include "hv/accel/kvm/machine_bus.h"
#include "hv/accel/kvm/page_out.h"
#include "hv/accel/kvm/pvh_record.h"
#include "hv/accel/kvm/vcpu_thread.h"
#include "hv/accel/kvm/virtual_machine.h"
#include "hv/guest/memory_layout.h"
#include "hv/guest/tenon_guest.h"

namespace hv {

namespace {

class KvmAccelerator final : public Accelerator {
public:
    static Result<std::unique_ptr<KvmAccelerator>> create(const MachineSetup& setup);
    ~KvmAccelerator() override;

    [[nodiscard]] const char* name() const override { return "kvm"; }
    [[nodiscard]] TenonGuest& guest() override { return guest_; }
    Result<> start() override;
    Result<> pause() override;
    void resume() override;
    void kill() override;
    void end_hung(std::uint32_t vcpu, std::string reason) override;
    [[nodiscard]] std::span<const tenon::abi::MemoryRange> ram() const override { return layout_.ram(); }
    [[nodiscard]] std::size_t read_ram(std::uint64_t address, std::span<std::byte> bytes) const override;
    [[nodiscard]] const GuestPages& pages() const override { return pages_; }
    void page_out(std::uint64_t bytes) override { page_out_.start(bytes); }
    [[nodiscard]] std::span<const pid_t> guest_threads() const override { return {&thread_id_, 1}; }
    [[nodiscard]] std::uint64_t guest_cpu_ns() const override { return thread_->cpu_ns(); }

private:
    KvmAccelerator(const MachineSetup& setup, const MemoryLayout& layout, kvm::GuestRam ram,
                   kvm::VirtualMachine machine)
        : setup_(setup),
          layout_(layout),
          ram_(std::move(ram)),
          pages_(pages_of(layout, setup.image.layout(), [this](const auto& range) { ram_.discard(range); })),
          page_out_(setup.loop, pages_, [this](const auto& range) { return ram_.at(range); }),
          guest_({ram_.at(layout.io_zone), layout.io_zone.base}, setup.clock_start,
                 {.raise = [this](std::uint32_t, std::uint32_t) { kvm::signal_event(control_interrupt_); },
                  .console = setup.console,
                  .ready = setup.ready,
                  .ended = [this](GuestEnd guest_end) { end(std::move(guest_end)); }}),
          memory_(guest_.zone().device_memory()),
          machine_(std::move(machine)) {}
    Result<> connect(const kvm::KvmDevice& device);
    Result<> fill_records();
    Result<> make_vcpu(const kvm::KvmDevice& device);

    /// Makes the vCPU's thread leave the guest and wait. False: it did not in time.
    bool park();
    void end(GuestEnd end);
    /// On the loop's thread, after each call of the vCPU's thread: prints the UART's text and reports the guest's end.
    void after_call();

    MachineSetup setup_;
    MemoryLayout layout_;
    kvm::GuestRam ram_;
    GuestPages pages_;
    kvm::PageOut page_out_;
    TenonGuest guest_;
    GuestMemory memory_;
    kvm::VirtualMachine machine_;
    FileDescriptor control_interrupt_;
    std::unique_ptr<kvm::LoopCalls> calls_;
    std::unique_ptr<kvm::MachineBus> bus_;
    std::optional<kvm::Vcpu> vcpu_;
    std::unique_ptr<kvm::VcpuThread> thread_;
    pid_t thread_id_ = 0;
    std::optional<GuestEnd> end_;
    bool reported_ = false;
};

Result<std::unique_ptr<KvmAccelerator>> KvmAccelerator::create(const MachineSetup& setup) {
    const Image& image = setup.image;
    if (!image.layout().pvh_entry)
        return fail(ErrorKind::bad_image, "image '" + image.path() + "' has no PVH entry, which kvm needs");
    TRY(const kvm::KvmDevice device, kvm::KvmDevice::open());
    TRY(const MemoryLayout layout, plan_memory(setup.memory_bytes, image));
    // The guest maps its RAM by one entry of the root page table, of 512 GiB.
    constexpr std::uint64_t most = 512ULL << 30;
    if (layout.end() > most) return fail(ErrorKind::no_memory, "a machine on kvm has at most 511 GiB of memory");
    TRY(kvm::VirtualMachine machine, kvm::VirtualMachine::create(device));
    TRY(kvm::GuestRam ram,
        kvm::GuestRam::create(layout, image, {.mergeable = setup.mergeable_memory, .own = setup.private_memory}));
    std::unique_ptr<KvmAccelerator> self(new KvmAccelerator(setup, layout, std::move(ram), std::move(machine)));
    CHECK(self->connect(device));
    return self;
}

Result<> KvmAccelerator::connect(const kvm::KvmDevice& device) {
    for (const auto& range : layout_.ram()) CHECK(machine_.add_memory(range.base, ram_.at(range)));
    CHECK(fill_records());
    TRY(control_interrupt_, kvm::make_event());
    CHECK(machine_.add_interrupt(control_interrupt_.get(), kvm::line::control));
    TRY(calls_, kvm::LoopCalls::create(setup_.loop, [this] { after_call(); }));
    TRY(bus_, kvm::MachineBus::create(setup_.devices, memory_, machine_, setup_.loop, *calls_,
                                      {.console = setup_.console,
                                       .hypercall = [this](std::uint32_t vcpu) { guest_.serve_call(vcpu, nullptr); },
                                       .ended = [this](GuestEnd guest_end) { end(std::move(guest_end)); }}));
    CHECK(make_vcpu(device));
    TRY(thread_, kvm::VcpuThread::create(*vcpu_, *bus_, calls_->event()));
    thread_id_ = thread_->id();
    return {};
}

Result<> KvmAccelerator::fill_records() {
    tenon::abi::StartInfo& start = guest_.zone().start_info();
    const std::string command_line = kvm::with_devices(setup_.command_line, setup_.devices.size());
    // One byte shorter than the field: PVH's command line ends with a zero.
    if (command_line.size() >= sizeof start.command_line)
        return fail(ErrorKind::usage, "the guest's command line with its devices is longer than " +
                                          std::to_string(sizeof start.command_line - 1) + " bytes");
    StartParameters parameters = setup_.start_parameters(tenon::abi::Accelerator::kvm, layout_);
    parameters.command_line = command_line;
    CHECK(fill_start_info(start, parameters));
    kvm::write_pvh_record(guest_.zone(), layout_);
    return {};
}

Result<> KvmAccelerator::make_vcpu(const kvm::KvmDevice& device) {
    TRY(FileDescriptor vcpu, machine_.create_vcpu(0));
    TRY(const std::size_t run_size, device.run_size());
    TRY(kvm::Vcpu created, kvm::Vcpu::create(std::move(vcpu), run_size));
    vcpu_.emplace(std::move(created));
    TRY(auto leaves, device.supported_cpuid());
    const bool tsc_deadline =
        ioctl(device.fd(), KVM_CHECK_EXTENSION, static_cast<unsigned long>(KVM_CAP_TSC_DEADLINE_TIMER)) > 0;
    CHECK(vcpu_->set_cpuid(kvm::filter_cpuid(std::move(leaves), {.io_zone = guest_.zone().address(),
                                                                 .control_line = kvm::line::control,
                                                                 .vcpu = 0,
                                                                 .tsc_deadline = tsc_deadline})));
    CHECK(vcpu_->set_xstate_components(guest_.zone().start_info().xstate_mask));
    CHECK(vcpu_->use_host_tsc());
    CHECK(vcpu_->set_pvh_entry(*setup_.image.layout().pvh_entry,
                               static_cast<std::uint32_t>(kvm::pvh_record_address(guest_.zone()))));
    return {};
}

KvmAccelerator::~KvmAccelerator() {
    // The vCPU's thread may be waiting for an answer. Members are destroyed from the last to the first: the thread
    // first.
    if (calls_) calls_->cancel();
}

Result<> KvmAccelerator::start() {
    guest_.start(setup_.loop);
    thread_->start();
    return {};
}

bool KvmAccelerator::park() {
    constexpr int limit_ms = 500;
    thread_->request_pause();
    for (int waited_ms = 0; !thread_->is_parked(); ++waited_ms) {
        if (waited_ms == limit_ms) return false;
        // The vCPU's thread may be waiting for an answer from this thread.
        calls_->serve();
        poll(nullptr, 0, 1);
    }
    return true;
}

Result<> KvmAccelerator::pause() {
    if (!park()) {
        thread_->resume();
        return fail(ErrorKind::internal, "the vCPU's thread does not leave the guest");
    }
    guest_.pause();
    return {};
}

void KvmAccelerator::end_hung(std::uint32_t, std::string reason) {
    GuestEnd hung{.kind = GuestEnd::Kind::crashed, .reason = std::move(reason)};
    hung.has_report = park();
    // While park() served calls, the guest may have ended by itself.
    if (end_ || std::exchange(reported_, true)) return;
    if (hung.has_report) vcpu_->read_registers(hung);
    setup_.ended(std::move(hung));
}

std::size_t KvmAccelerator::read_ram(std::uint64_t address, std::span<std::byte> bytes) const {
    for (const tenon::abi::MemoryRange& range : ram()) {
        if (address < range.base || address - range.base >= range.size) continue;
        const std::uint64_t size = std::min<std::uint64_t>(bytes.size(), range.size - (address - range.base));
        std::ranges::copy(ram_.at({address, size}), bytes.begin());
        return size;
    }
    return 0;
}

void KvmAccelerator::resume() {
    guest_.resume();
    thread_->resume();
}

void KvmAccelerator::kill() {
    calls_->cancel();
    thread_->stop();
    if (std::exchange(reported_, true)) return;
    setup_.ended({.kind = GuestEnd::Kind::killed, .reason = "killed"});
}

void KvmAccelerator::end(GuestEnd end_of_guest) {
    if (end_) return;
    end_ = std::move(end_of_guest);
    thread_->request_stop();
}

void KvmAccelerator::after_call() {
    bus_->flush_console();
    // Last, because the handler may destroy this object.
    if (end_ && !std::exchange(reported_, true)) setup_.ended(std::move(*end_));
}

}  // namespace

Result<std::unique_ptr<Accelerator>> make_kvm_accelerator(const MachineSetup& setup) {
    return KvmAccelerator::create(setup);
}

}  // namespace hv
