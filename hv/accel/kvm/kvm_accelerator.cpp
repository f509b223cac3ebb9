// SPDX-License-Identifier: Apache-2.0
// The kvm accelerator: one VM, one vCPU on a thread of its own, devices on the event loop.
#include "hv/accel/kvm/kvm_accelerator.h"

#include <poll.h>

#include <algorithm>

#include "hv/accel/kvm/boot_area.h"
#include "hv/accel/kvm/console_buffer.h"
#include "hv/accel/kvm/cpuid.h"
#include "hv/accel/kvm/device_slot.h"
#include "hv/accel/kvm/guest_ram.h"
#include "hv/accel/kvm/loop_calls.h"
#include "hv/accel/kvm/page_out.h"
#include "hv/accel/kvm/uart.h"
#include "hv/accel/kvm/vcpu_thread.h"
#include "hv/accel/kvm/virtual_machine.h"
#include "hv/core/clock.h"
#include "hv/core/counters.h"
#include "hv/machine/hypercalls.h"

namespace hv {

namespace {

Counter unknown_accesses("kvm.unknown_accesses");

constexpr std::uint16_t pvpanic_port = 0x505;  // QEMU, docs/specs/pvpanic
constexpr std::uint16_t keyboard_controller = 0x64;

class KvmAccelerator final : public Accelerator, private kvm::GuestBus, private HypercallTarget {
public:
    static Result<std::unique_ptr<KvmAccelerator>> create(const MachineSetup& setup);
    ~KvmAccelerator() override;

    [[nodiscard]] const char* name() const override { return "kvm"; }
    Result<> start() override;
    void request(GuestRequest request) override;
    Result<> pause() override;
    void resume() override;
    void kill() override;
    void end_hung(std::string reason) override;
    [[nodiscard]] std::span<const tenon::abi::MemoryRange> ram() const override {
        return std::span(layout_.ranges).first(layout_.range_count);
    }
    [[nodiscard]] std::size_t read_ram(std::uint64_t address, std::span<std::byte> bytes) const override;
    [[nodiscard]] pid_t guest_thread() const override { return thread_->id(); }
    [[nodiscard]] bool has_taken(GuestRequest request) const override {
        return (area_.events().control.load() & control_bit(request)) == 0;
    }
    [[nodiscard]] std::uint64_t guest_cpu_ns() const override { return thread_->cpu_ns(); }
    [[nodiscard]] BootTimes boot_times() const override;
    [[nodiscard]] const GuestPages& pages() const override { return pages_; }
    [[nodiscard]] MemoryCounters memory_counters() const override { return read_memory_counters(area_.events()); }
    void page_out(std::uint64_t bytes) override { page_out_.start(bytes); }

private:
    KvmAccelerator(const MachineSetup& setup, const MemoryLayout& layout, kvm::GuestRam ram,
                   kvm::VirtualMachine machine)
        : setup_(setup),
          layout_(layout),
          ram_(std::move(ram)),
          pages_(pages_of(layout, setup.image.layout(), [this](const auto& range) { ram_.discard(range); })),
          page_out_(setup.loop, pages_, [this](const auto& range) { return ram_.at(range); }),
          area_(ram_, layout),
          memory_(area_.device_memory()),
          machine_(std::move(machine)),
          clock_(area_.clock(), {}, setup.state_directory.empty() ? std::string() : setup.state_directory + "/.clock"),
          uart_({.put = [this](char c) { put_uart(c); }, .interrupt = [this] { ring(uart_interrupt_); }}) {}
    Result<> connect(const kvm::KvmDevice& device, const MemoryLayout& layout);

    /// True: the vCPU's thread has left the guest, and waits.
    bool park();

    // GuestBus, on the vCPU's thread.
    std::uint32_t read_port(std::uint16_t port, std::uint32_t width) override;
    void write_port(std::uint16_t port, std::uint32_t width, std::uint32_t value) override;
    std::uint64_t read_memory(std::uint64_t address, std::uint32_t width) override;
    void write_memory(std::uint64_t address, std::uint32_t width, std::uint64_t value) override;
    void guest_ended(GuestEnd end) override;
    void put_uart(char c);
    void hypercall(std::uint32_t vcpu);
    /// The registers at `address`, and the offset in them.
    MmioTransport* find_device(std::uint64_t address, std::uint64_t& offset);

    // HypercallTarget, on the loop's thread.
    void console_write(std::string_view text) override { setup_.console(text); }
    void ready() override { setup_.ready(); }
    void end(GuestEnd end) override;
    std::int64_t device_setup(std::uint64_t, std::uint64_t, std::span<const tenon::abi::QueueSetup>) override {
        return unsupported;
    }
    std::int64_t device_reset(std::uint64_t) override { return unsupported; }
    std::int64_t device_configure(std::uint64_t, std::uint64_t, std::span<const std::byte>) override {
        return unsupported;
    }
    static constexpr auto unsupported = static_cast<std::int64_t>(tenon::abi::CallError::unsupported);

    /// On the loop's thread, after each call of the vCPU's: prints what the UART got, tells the end.
    void after_call();
    static void ring(const FileDescriptor& event);

    MachineSetup setup_;
    MemoryLayout layout_;
    kvm::GuestRam ram_;
    GuestPages pages_;
    kvm::PageOut page_out_;
    kvm::BootArea area_;
    GuestMemory memory_;
    kvm::VirtualMachine machine_;
    MachineClock clock_;
    kvm::Uart uart_;
    kvm::ConsoleBuffer uart_text_;
    FileDescriptor uart_interrupt_, control_interrupt_;
    std::unique_ptr<kvm::LoopCalls> calls_;
    std::vector<std::unique_ptr<kvm::DeviceSlot>> devices_;
    std::optional<kvm::Vcpu> vcpu_;
    std::unique_ptr<kvm::VcpuThread> thread_;
    std::uint64_t entry_tsc_ = 0;
    std::optional<GuestEnd> end_;
    bool told_ = false;
};

Result<std::unique_ptr<KvmAccelerator>> KvmAccelerator::create(const MachineSetup& setup) {
    const Image& image = setup.image;
    if (!image.layout().pvh_entry)
        return fail(ErrorKind::bad_image, "image '" + image.path() + "' has no PVH entry, which kvm needs");
    TRY(const kvm::KvmDevice device, kvm::KvmDevice::open());
    TRY(const MemoryLayout layout, plan_memory(setup.memory_bytes, image));
    // The guest's page tables at guest_base end there.
    constexpr std::uint64_t most = 512ULL << 30;
    if (layout.end() > most) return fail(ErrorKind::no_memory, "a machine on kvm has at most 511 GiB of memory");
    TRY(kvm::VirtualMachine machine, kvm::VirtualMachine::create(device));
    TRY(kvm::GuestRam ram,
        kvm::GuestRam::create(layout, image, {.mergeable = setup.mergeable_memory, .own = setup.private_memory}));
    std::unique_ptr<KvmAccelerator> self(new KvmAccelerator(setup, layout, std::move(ram), std::move(machine)));
    CHECK(self->connect(device, layout));
    return self;
}

Result<> KvmAccelerator::connect(const kvm::KvmDevice& device, const MemoryLayout& layout) {
    for (const auto& range : std::span(layout.ranges).first(layout.range_count))
        CHECK(machine_.add_memory(range.base, ram_.at(range)));
    CHECK(area_.fill(setup_));

    TRY(uart_interrupt_, kvm::make_event());
    CHECK(machine_.add_interrupt(uart_interrupt_.get(), kvm::line::uart));
    TRY(control_interrupt_, kvm::make_event());
    CHECK(machine_.add_interrupt(control_interrupt_.get(), kvm::line::control));
    TRY(calls_, kvm::LoopCalls::create(setup_.loop, [this] { after_call(); }));
    for (std::uint32_t i = 0; i < setup_.devices.size(); ++i) {
        TRY(auto slot, kvm::DeviceSlot::create(i, *setup_.devices[i], memory_, machine_, setup_.loop, *calls_));
        devices_.push_back(std::move(slot));
    }

    TRY(FileDescriptor vcpu, machine_.create_vcpu(0));
    TRY(const std::size_t run_size, device.run_size());
    TRY(kvm::Vcpu created, kvm::Vcpu::create(std::move(vcpu), run_size));
    vcpu_.emplace(std::move(created));
    TRY(auto leaves, device.supported_cpuid());
    const bool tsc_deadline =
        ioctl(device.fd(), KVM_CHECK_EXTENSION, static_cast<unsigned long>(KVM_CAP_TSC_DEADLINE_TIMER)) > 0;
    CHECK(vcpu_->set_cpuid(kvm::filter_cpuid(std::move(leaves), {.io_zone = layout.io_zone.base,
                                                                 .control_line = kvm::line::control,
                                                                 .vcpu = 0,
                                                                 .tsc_deadline = tsc_deadline})));
    CHECK(vcpu_->set_xstate_components(area_.start_info().xstate_mask));
    CHECK(vcpu_->use_host_tsc());
    CHECK(vcpu_->set_pvh_entry(*setup_.image.layout().pvh_entry, static_cast<std::uint32_t>(area_.pvh_record())));
    TRY(thread_, kvm::VcpuThread::create(*vcpu_, *this, calls_->event()));
    return {};
}

KvmAccelerator::~KvmAccelerator() {
    if (calls_) calls_->cancel();
    thread_.reset();
    devices_.clear();
}

Result<> KvmAccelerator::start() {
    clock_.start();
    clock_.tell_jumps([this] { request(GuestRequest::clock_jumped); });
    clock_.keep_exact(setup_.loop);
    entry_tsc_ = host_tsc();
    area_.start_info().guest_entry_tsc = entry_tsc_;
    thread_->start();
    return {};
}

void KvmAccelerator::request(GuestRequest request) {
    area_.events().control.fetch_or(control_bit(request));
    ring(control_interrupt_);
}

bool KvmAccelerator::park() {
    constexpr int limit_ms = 500;
    thread_->request_pause();
    for (int waited_ms = 0; !thread_->is_parked(); ++waited_ms) {
        if (waited_ms == limit_ms) return false;
        // It may wait for an answer from this thread.
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
    clock_.pause();
    return {};
}

void KvmAccelerator::end_hung(std::string reason) {
    GuestEnd hung{.kind = GuestEnd::Kind::crashed, .reason = std::move(reason)};
    hung.has_report = park();
    // What it has called meanwhile may have been its end.
    if (end_ || std::exchange(told_, true)) return;
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
    clock_.resume();
    thread_->resume();
}

void KvmAccelerator::kill() {
    calls_->cancel();
    thread_->stop();
    if (std::exchange(told_, true)) return;
    setup_.ended(
        {.kind = GuestEnd::Kind::killed, .exit_code = 0, .reason = "killed", .has_report = false, .report = {}});
}

Accelerator::BootTimes KvmAccelerator::boot_times() const {
    BootTimes times{.guest_entry_tsc = entry_tsc_, .marks = {}};
    for (std::size_t i = 0; i < std::size(times.marks); ++i) times.marks[i] = area_.events().boot_marks[i].load();
    return times;
}

std::uint32_t KvmAccelerator::read_port(std::uint16_t port, std::uint32_t width) {
    if (width == 1 && port >= kvm::Uart::base_port && port < kvm::Uart::base_port + kvm::Uart::port_count)
        return uart_.read(port - kvm::Uart::base_port);
    constexpr std::uint32_t panicked = 1;
    if (port == pvpanic_port) return panicked;
    unknown_accesses.add();
    return 0xFFFF'FFFF;
}

void KvmAccelerator::write_port(std::uint16_t port, std::uint32_t width, std::uint32_t value) {
    if (width == 1 && port >= kvm::Uart::base_port && port < kvm::Uart::base_port + kvm::Uart::port_count)
        return uart_.write(port - kvm::Uart::base_port, static_cast<std::uint8_t>(value));
    if (port == tenon::abi::hypercall_port && width == 4) return hypercall(value);
    if (port == pvpanic_port && (value & 1) != 0)
        return guest_ended({.kind = GuestEnd::Kind::crashed,
                            .exit_code = 0,
                            .reason = "panic (told by pvpanic; see its console)",
                            .has_report = false,
                            .report = {}});
    constexpr std::uint32_t pulse_reset = 0xFE;
    if (port == keyboard_controller && value == pulse_reset)
        return guest_ended(
            {.kind = GuestEnd::Kind::reboot, .exit_code = 0, .reason = {}, .has_report = false, .report = {}});
    unknown_accesses.add();
}

MmioTransport* KvmAccelerator::find_device(std::uint64_t address, std::uint64_t& offset) {
    const std::uint64_t first = kvm::device_registers(0);
    if (address < first || address >= kvm::device_registers(devices_.size())) {
        unknown_accesses.add();
        return nullptr;
    }
    offset = (address - first) % MmioTransport::size;
    return &devices_[(address - first) / MmioTransport::size]->registers();
}

std::uint64_t KvmAccelerator::read_memory(std::uint64_t address, std::uint32_t width) {
    std::uint64_t offset = 0;
    MmioTransport* device = find_device(address, offset);
    return device != nullptr ? device->read(offset, width) : ~0ULL;
}

void KvmAccelerator::write_memory(std::uint64_t address, std::uint32_t width, std::uint64_t value) {
    std::uint64_t offset = 0;
    if (MmioTransport* device = find_device(address, offset); device != nullptr) device->write(offset, width, value);
}

void KvmAccelerator::guest_ended(GuestEnd end_of_guest) {
    calls_->call([&] { end(std::move(end_of_guest)); });
}

void KvmAccelerator::put_uart(char c) {
    for (;;) {
        switch (uart_text_.put(c)) {
            case kvm::ConsoleBuffer::Put::more: return;
            case kvm::ConsoleBuffer::Put::first: return calls_->notify();
            case kvm::ConsoleBuffer::Put::full:
                // The guest waits while hv prints: what it can make hv hold is bounded.
                if (!calls_->call([this] { setup_.console(uart_text_.take()); })) return;
        }
    }
}

void KvmAccelerator::hypercall(std::uint32_t vcpu) {
    if (vcpu != 0) return unknown_accesses.add();
    calls_->call([this] { serve_hypercall(area_.slot(0), *this); });
}

void KvmAccelerator::end(GuestEnd end_of_guest) {
    if (end_) return;
    end_ = std::move(end_of_guest);
    thread_->request_stop();
}

void KvmAccelerator::after_call() {
    if (const std::string text = uart_text_.take(); !text.empty()) setup_.console(text);
    // Last: it may destroy this object.
    if (end_ && !std::exchange(told_, true)) setup_.ended(std::move(*end_));
}

void KvmAccelerator::ring(const FileDescriptor& event) {
    constexpr std::uint64_t one = 1;
    if (write(event.get(), &one, sizeof one) != sizeof one) return;
}

}  // namespace

Result<std::unique_ptr<Accelerator>> make_kvm_accelerator(const MachineSetup& setup) {
    return KvmAccelerator::create(setup);
}

}  // namespace hv
