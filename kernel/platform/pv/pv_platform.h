// SPDX-License-Identifier: Apache-2.0
// The paravirtual machine: ring 3 of a locked-down process of hv.
#pragma once

#include "kernel/platform/hv/hv_machine.h"

namespace tenon::pv {

class PvPlatform final : public HvMachine {
public:
    explicit PvPlatform(const abi::StartInfo& start);

    [[nodiscard]] const char* name() const override { return "pv"; }
    void wait_for_event(Nanoseconds deadline) override;
    void notify(const Cpu& cpu) override;
    void let_lock_holder_run() override;
    [[nodiscard]] std::uint32_t vcpu_count() const override { return start_.vcpu_count; }
    void start_vcpu(std::uint32_t vcpu, void* stack_end) override;
    void set_timer(Nanoseconds deadline) override;
    void set_guard_page(void* page, bool guard) override;
    bool drop_pages(void* pages, std::size_t bytes) override;
    void page_out(void* pages, std::size_t bytes) override;
    void probe_devices() override;

private:
    /// A deadline on the host's CLOCK_MONOTONIC; ~0 stays ~0.
    [[nodiscard]] std::uint64_t to_host_time(Nanoseconds deadline) const;
};

}  // namespace tenon::pv
