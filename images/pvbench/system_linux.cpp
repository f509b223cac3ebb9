// SPDX-License-Identifier: Apache-2.0
// What the measures need of Linux.
#include <fcntl.h>
#include <linux/fs.h>
#include <malloc.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include "cpu.h"
#include "system.h"
#include "virtio_features.h"

namespace pvbench::system {

namespace {

using Reason = std::unexpected<std::string>;

std::string first_word(const std::filesystem::path& path) {
    std::string word;
    std::ifstream(path) >> word;
    return word;
}

}  // namespace

Platform platform() {
    const std::string signature = hypervisor_signature();
    return describe(signature.empty() ? "linux-native" : "linux-" + signature, signature,
                    first_word("/sys/devices/system/clocksource/clocksource0/current_clocksource"));
}

std::vector<DeviceFeatures> device_features() {
    std::vector<DeviceFeatures> devices;
    std::error_code error;
    std::set<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator("/sys/bus/virtio/devices", error))
        paths.insert(entry.path());
    for (const std::filesystem::path& path : paths) {
        // A character for each bit, from bit 0 on.
        const std::string bits = first_word(path / "features");
        std::uint64_t features = 0;
        for (std::size_t bit = 0; bit < bits.size() && bit < 64; ++bit)
            if (bits[bit] == '1') features |= std::uint64_t{1} << bit;
        add_device(devices, static_cast<std::uint32_t>(std::strtoul(first_word(path / "device").c_str(), nullptr, 0)),
                   features);
    }
    return devices;
}

std::expected<std::uint64_t, std::string> start_to_main() {
    if (getpid() != 1) return Reason("pvbench is not the machine's first program");
    if (hypervisor_signature().empty()) return Reason("the processor reports no hypervisor, whose start would count");
    // Linux's clock begins in the middle of the boot, the TSC of most hypervisors with the machine. One that counts
    // since long before the kernel started is the host's.
    const auto main = static_cast<std::uint64_t>(tsc_ns_at_main());
    constexpr std::uint64_t longest_firmware_ns = 120'000'000'000;
    if (main < main_ns() || main - main_ns() > longest_firmware_ns)
        return Reason("the TSC does not begin with the machine, and Linux's clock begins later");
    return main;
}

std::expected<void, std::string> null_hypercall() { return Reason("Linux offers its programs no hypercall"); }

std::expected<void, std::string> allow_port_80() {
    if (hypervisor_signature().empty()) return Reason("the processor reports no hypervisor");
    constexpr unsigned long port = 0x80;
    if (ioperm(port, 1, 1) != 0) return Reason(std::string("port 0x80 is not allowed: ") + std::strerror(errno));
    return {};
}

std::expected<void, std::string> cpuid_exits() { return exits_of(hypervisor_signature()); }

std::expected<DemandPages, std::string> DemandPages::map(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return Reason(std::string("cannot map memory: ") + std::strerror(errno));
    madvise(memory, bytes, MADV_NOHUGEPAGE);  // a fault a page, not one for two MiB
    return DemandPages(static_cast<char*>(memory), bytes);
}
DemandPages::~DemandPages() {
    if (size_ != 0) munmap(memory_, size_);
}

std::string default_disk() { return access("/dev/vda", R_OK) == 0 ? "/dev/vda" : ""; }

int open_disk(const std::string& path, bool write) {
    return open(path.c_str(), (write ? O_RDWR : O_RDONLY) | O_DIRECT | O_CLOEXEC);
}

std::uint64_t disk_size(int file) {
    std::uint64_t size = 0;
    if (ioctl(file, BLKGETSIZE64, &size) == 0) return size;
    struct stat status {};
    return fstat(file, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

DiskBuffer disk_buffer(std::size_t size) {
    constexpr std::size_t page = 4096;
    return DiskBuffer(std::aligned_alloc(page, (size + page - 1) / page * page));
}
void FreeDiskBuffer::operator()(void* buffer) const { std::free(buffer); }

std::expected<ReadTime, std::string> read_time(const std::string& path) {
    // Documentation/block/stat.rst: reads completed, reads merged, sectors, ticks (ms) of reads.
    const std::filesystem::path name = std::filesystem::path(path).filename();
    std::ifstream statistics("/sys/class/block" / name / "stat");
    std::uint64_t reads = 0, merged = 0, sectors = 0, ticks = 0;
    if (!(statistics >> reads >> merged >> sectors >> ticks))
        return Reason(path + " is no block device, for which a driver counts the time of requests");
    constexpr std::uint64_t millisecond = 1'000'000;
    return ReadTime{.reads = reads, .ns = ticks * millisecond, .resolution_ns = millisecond};
}

std::expected<std::uint64_t, std::string> ballooned_bytes() {
    // The virtio_balloon driver counts in pages of 4 KiB.
    std::ifstream statistics("/proc/vmstat");
    std::string name;
    std::uint64_t value = 0, inflated = 0, deflated = 0;
    bool found = false;
    while (statistics >> name >> value) {
        if (name == "balloon_inflate") inflated = value, found = true;
        if (name == "balloon_deflate") deflated = value;
    }
    constexpr std::uint64_t page = 4096;
    std::error_code error;
    if (!found || !std::filesystem::exists("/sys/bus/virtio/drivers/virtio_balloon", error))
        return Reason("the machine has no balloon device, or Linux no driver for it");
    return (inflated - deflated) * page;
}

std::expected<std::uint64_t, std::string> reported_bytes() {
    return Reason("Linux does not count the memory that it reports as free");
}

std::expected<ZeroScan, std::string> zero_scan_work() {
    return Reason("Linux does not look for pages of zeros in use");
}

void trim_memory() { malloc_trim(0); }

}  // namespace pvbench::system
