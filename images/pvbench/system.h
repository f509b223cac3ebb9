// SPDX-License-Identifier: Apache-2.0
// What the measures need of the system and POSIX does not have: system_tenon.cpp, system_linux.cpp; system.cpp is of
// both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "result.h"

namespace pvbench::system {

/// `name` is the best that the program can know by itself.
[[nodiscard]] Platform platform();
/// For platform(): what both systems say in the same way, and these.
[[nodiscard]] Platform describe(std::string name, std::string hypervisor, std::string clocksource);
[[nodiscard]] std::vector<DeviceFeatures> device_features();

/// To be called first in main.
void note_main();
/// CLOCK_MONOTONIC at note_main(), in nanoseconds.
[[nodiscard]] std::uint64_t main_ns();
/// Nanoseconds from the machine's start to now, or the reason why they are unknown.
[[nodiscard]] std::expected<std::uint64_t, std::string> since_start();
/// The same for note_main().
[[nodiscard]] std::expected<std::uint64_t, std::string> start_to_main();

/// Binds the calling thread to one CPU. False: there is no such CPU.
bool bind_to_processor(unsigned index);

/// A hypercall that changes nothing. A reason: there is none here.
[[nodiscard]] std::expected<void, std::string> null_hypercall();
/// From now on the program may write port 0x80, and a hypervisor emulates that. A reason: not here.
[[nodiscard]] std::expected<void, std::string> allow_port_80();
/// Whether CPUID leaves the guest. A reason: it does not.
[[nodiscard]] std::expected<void, std::string> cpuid_exits();

/// Pages that the kernel maps when they are touched. A reason: this system maps all memory at its start.
class DemandPages {
public:
    static std::expected<DemandPages, std::string> map(std::size_t bytes);
    DemandPages(DemandPages&& other) noexcept : memory_(other.memory_), size_(std::exchange(other.size_, 0)) {}
    ~DemandPages();
    [[nodiscard]] volatile char* data() const { return memory_; }

private:
    DemandPages(char* memory, std::size_t size) : memory_(memory), size_(size) {}
    char* memory_;
    std::size_t size_;
};

/// The disk that is measured without --disk.
[[nodiscard]] std::string default_disk();
/// Opens a disk so that the page cache is passed by. -1: errno says why.
[[nodiscard]] int open_disk(const std::string& path, bool write);
/// Bytes; 0: unknown.
[[nodiscard]] std::uint64_t disk_size(int file);
/// Memory that the disk transfers itself, aligned to a page.
struct FreeDiskBuffer {
    void operator()(void* buffer) const;
};
using DiskBuffer = std::unique_ptr<void, FreeDiskBuffer>;
[[nodiscard]] DiskBuffer disk_buffer(std::size_t size);

/// Reads that a disk has completed, and their time from the driver to the interrupt, in all.
struct ReadTime {
    std::uint64_t reads, ns;
    std::uint64_t resolution_ns;  ///< the sum's steps
};
[[nodiscard]] std::expected<ReadTime, std::string> read_time(const std::string& path);

/// Bytes: in the balloon now; reported to the host as free since the start. A reason: the system has none, or does not
/// say.
[[nodiscard]] std::expected<std::uint64_t, std::string> ballooned_bytes();
[[nodiscard]] std::expected<std::uint64_t, std::string> reported_bytes();
/// The kernel's search for pages of zeros, since the start: what it has looked at, and the CPU time of that.
struct ZeroScan {
    std::uint64_t bytes, ns;
};
[[nodiscard]] std::expected<ZeroScan, std::string> zero_scan_work();
/// Gives free memory that the C library keeps back to the kernel.
void trim_memory();

}  // namespace pvbench::system
