// SPDX-License-Identifier: Apache-2.0
// What the measures need of Tenon.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <tenon/disk.h>
#include <tenon/machine.h>
#include <tenon/memory.h>
#include <unistd.h>

#include <cstring>

#include "cpu.h"
#include "measure.h"
#include "report_command.h"
#include "start.h"
#include "system.h"
#include "virtio_features.h"

namespace pvbench {

std::optional<int> run_report(std::span<const std::string_view>) { return std::nullopt; }

void prepare_machine() {}
void leave_machine() {}

namespace system {

namespace {

using Reason = std::unexpected<std::string>;

tenon_machine machine() {
    tenon_machine machine{};
    tenon_get_machine(&machine);
    return machine;
}

/// A guest of pv runs in ring 3 of a process: no instruction of it is emulated.
bool is_pv() { return std::strcmp(machine().platform, "pv") == 0; }

}  // namespace

Platform platform() {
    const tenon_machine machine = system::machine();
    const std::string signature = is_pv() ? "hv" : hypervisor_signature();
    const bool on_hv = std::strcmp(machine.platform, "hvm on hv") == 0;
    std::string name = is_pv() ? "hv-pv" : on_hv ? "hv-kvm" : signature.empty() ? "tenon-native" : "tenon-" + signature;
    return describe(std::move(name), signature, machine.clock_source);
}

std::vector<DeviceFeatures> device_features() {
    std::vector<DeviceFeatures> devices;
    tenon_device device{};
    for (unsigned index = 0; tenon_get_device(index, &device) == 0; ++index)
        add_device(devices, device.virtio_id, device.features);
    return devices;
}

std::expected<std::uint64_t, std::string> start_to_main() {
    // These clocks begin with the machine; that of other hypervisors begins when the kernel has found the TSC's
    // frequency.
    const std::string clock = machine().clock_source;
    if (clock == "hv" || clock == "kvm-clock") return main_ns();
    return static_cast<std::uint64_t>(tsc_ns_at_main());
}

std::expected<void, std::string> null_hypercall() {
    if (tenon_null_hypercall() != 0) return Reason("the hypervisor is not hv, and Tenon calls no other one");
    return {};
}

std::expected<void, std::string> allow_port_80() {
    if (is_pv()) return Reason("a guest of pv has no ports: it runs in ring 3 of a process");
    if (hypervisor_signature().empty()) return Reason("the processor reports no hypervisor");
    return {};
}

std::expected<void, std::string> cpuid_exits() {
    if (is_pv()) return Reason("a guest of pv does not exit: it runs in ring 3 of a process");
    return exits_of(hypervisor_signature());
}

std::expected<DemandPages, std::string> DemandPages::map(std::size_t) {
    return Reason("Tenon maps all memory when it starts: no page of a program is mapped on demand");
}
DemandPages::~DemandPages() = default;

std::string default_disk() { return access("/dev/vda", F_OK) == 0 ? "/dev/vda" : ""; }

int open_disk(const std::string& path, bool write) { return open(path.c_str(), write ? O_RDWR : O_RDONLY); }

std::uint64_t disk_size(int file) {
    std::uint64_t size = 0;
    return ioctl(file, BLKGETSIZE64, &size) == 0 ? size : 0;
}

DiskBuffer disk_buffer(std::size_t size) { return DiskBuffer(tenon_disk_buffer(size)); }
void FreeDiskBuffer::operator()(void* buffer) const { tenon_disk_buffer_free(buffer); }

std::expected<ReadTime, std::string> read_time(const std::string& path) {
    tenon_disk_statistics statistics{};
    const std::size_t slash = path.rfind('/');
    const std::string name = slash == path.npos ? path : path.substr(slash + 1);
    if (tenon_get_disk_statistics(name.c_str(), &statistics) != 0) return Reason(path + " is no disk");
    if (statistics.reads != 0 && statistics.read_ns == 0)
        return Reason(path + " is a partition: the driver measures the requests of whole disks");
    return ReadTime{.reads = statistics.reads, .ns = statistics.read_ns, .resolution_ns = 1};
}

namespace {

tenon_memory_statistics memory() {
    tenon_memory_statistics memory{};
    tenon_get_memory_statistics(&memory);
    return memory;
}

constexpr std::uint32_t balloon_id = 5;

bool balloon_is_up() {
    tenon_device device{};
    for (unsigned index = 0; tenon_get_device(index, &device) == 0; ++index)
        if (device.virtio_id == balloon_id) return true;
    return false;
}

std::expected<void, std::string> has_balloon() {
    // Its driver sets it up some milliseconds after the program has started.
    constexpr std::uint64_t patience_ns = 1'000'000'000;
    static const bool found = [] {
        while (!balloon_is_up() && now_ns() < main_ns() + patience_ns) usleep(1000);
        return balloon_is_up();
    }();
    if (!found) return Reason("the machine has no balloon device");
    return {};
}

}  // namespace

std::expected<std::uint64_t, std::string> ballooned_bytes() {
    if (const auto balloon = has_balloon(); !balloon) return Reason(balloon.error());
    return memory().ballooned;
}

std::expected<std::uint64_t, std::string> reported_bytes() {
    if (const auto balloon = has_balloon(); !balloon) return Reason(balloon.error());
    return memory().reported;
}

std::expected<ZeroScan, std::string> zero_scan_work() {
    if (const auto balloon = has_balloon(); !balloon) return Reason(balloon.error());
    const tenon_memory_statistics now = memory();
    return ZeroScan{now.zero_scanned, now.zero_scan_ns};
}

void trim_memory() { tenon_trim_memory(); }

}  // namespace system

}  // namespace pvbench
