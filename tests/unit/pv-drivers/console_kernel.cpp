// SPDX-License-Identifier: Apache-2.0
// The kernel functions that the console's driver calls: the early console, and registration.
#include "console_fixture.h"
#include "kernel/platform/platform.h"

namespace tenon {

namespace {

class FakePlatform final : public Platform {
public:
    const char* name() const override { return "test"; }
    std::string_view command_line() const override { return {}; }
    MemoryMap memory_map() const override { return {}; }
    std::span<const std::uint8_t> entropy() const override { return {}; }
    void early_console_write(std::string_view text) override { test::console_kernel().early += text; }
    void wait_for_event(Nanoseconds) override {}
    void set_timer(Nanoseconds) override {}
    const char* clock_source() const override { return "test"; }
    Nanoseconds read_clock() override { return 0; }
    Nanoseconds read_realtime() override { return 0; }
    std::uint64_t clock_generation() override { return 0; }
    void set_guard_page(void*, bool) override {}
    bool drop_pages(void*, std::size_t) override { return false; }
    void page_out(void*, std::size_t) override {}
    bool file_backed(const void*, std::size_t) const override { return false; }
    std::span<std::atomic<std::uint64_t>> memory_counters() override { return {}; }
    std::uint64_t take_page_out_bytes() override { return 0; }
    void ready() override {}
    void shut_down(abi::ShutdownReason, int) override { std::abort(); }
    void crash(const abi::CrashReport&) override { std::abort(); }
    void boot_mark(abi::BootMark) override {}
    std::uint32_t take_control_requests() override { return 0; }
    void probe_devices() override {}
};

}  // namespace

test::ConsoleKernel& test::console_kernel() {
    static ConsoleKernel kernel;
    return kernel;
}

Platform& platform() {
    static FakePlatform the_platform;
    return the_platform;
}

void register_console_device(ConsoleDevice& device) { test::console_kernel().consoles.push_back(&device); }
void register_console_ports(ConsolePorts& ports) { test::console_kernel().providers.push_back(&ports); }
std::span<const ConsolePortName> console_port_names() {
    static std::vector<ConsolePortName> names;
    names.clear();
    for (const char* name : test::console_kernel().port_names) names.push_back({name});
    return names;
}

}  // namespace tenon
