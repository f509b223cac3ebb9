// SPDX-License-Identifier: Apache-2.0
// The part of a Platform that machines of hv have in common on both accelerators, by way of the I/O zone.
#pragma once

#include <array>

#include "hypercall/clock.h"
#include "hypercall/start_info.h"
#include "kernel/base/address.h"
#include "kernel/platform/hv/hypercall.h"
#include "kernel/platform/platform.h"

namespace tenon {

/// Trusts the start record: hv controls its guest anyway.
class HvMachine : public Platform {
public:
    explicit HvMachine(const abi::StartInfo& start);

    [[nodiscard]] std::string_view command_line() const final;
    [[nodiscard]] MemoryMap memory_map() const final;
    [[nodiscard]] std::span<const std::uint8_t> entropy() const final { return start_.entropy; }
    void early_console_write(std::string_view text) final;
    Nanoseconds read_clock() final;
    Nanoseconds read_realtime() final;
    [[nodiscard]] const char* clock_source() const final { return "hv"; }
    [[nodiscard]] std::uint64_t clock_generation() final;
    void ready() final;
    [[noreturn]] void shut_down(abi::ShutdownReason reason, int exit_code) final;
    [[noreturn]] void crash(const abi::CrashReport& report) final;
    void boot_mark(abi::BootMark mark) final;
    std::uint32_t take_control_requests() final;
    bool answer_watchdog() final;
    [[nodiscard]] bool file_backed(const void* pages, std::size_t bytes) const final;
    [[nodiscard]] std::span<std::atomic<std::uint64_t>> memory_counters() final;
    std::uint64_t take_page_out_bytes() final;

protected:
    ~HvMachine() = default;
    /// Reserves one range of RAM for the platform. At most once, before memory_map() is called.
    void reserve(const abi::MemoryRange& range) { reserved_.back() = range; }
    template <typename T>
    T& io(std::uint64_t offset) const {
        return *to_pointer<T>(PhysicalAddress{start_.io_zone.base + offset});
    }
    const abi::StartInfo& start_;
    const abi::ClockPage& clock_;

private:
    std::array<abi::MemoryRange, 4> reserved_;
};

}  // namespace tenon
