// SPDX-License-Identifier: Apache-2.0
// The agent's interface to this kernel.
#pragma once

#include "tools-agent/guest.h"

namespace tenon::tools {

class KernelGuest final : public Guest {
public:
    Nanoseconds monotonic_time() override;
    Nanoseconds real_time() override;
    void set_real_time(Nanoseconds now) override;
    void take_host_time() override;
    ClockInformation clock() override;
    void shut_down(ShutdownMode mode) override;

    SystemInformation system() override;
    std::vector<NetInterfaceInformation> interfaces() override;
    std::vector<RouteInformation> routes() override;
    std::uint32_t processor_count() override;
    ProcessorTimes processor_times() override;
    std::vector<ThreadInformation> threads() override;
    MemoryInformation memory() override;
    std::vector<MemoryRange> ram() override;
    std::vector<FileSystemInformation> file_systems() override;
    std::vector<DiskInformation> disks() override;

    std::optional<FreezeFailure> freeze(std::uint32_t& handlers) override;
    std::optional<FreezeFailure> thaw(std::uint32_t& handlers) override;
    void say(const char* text) override;
};

}  // namespace tenon::tools
