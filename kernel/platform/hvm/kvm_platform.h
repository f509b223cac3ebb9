// SPDX-License-Identifier: Apache-2.0
// A hardware-assisted machine of hv: hypercalls where hv has one, processor and chipset for the rest.
#pragma once

#include "kernel/platform/hv/hv_machine.h"
#include "kernel/platform/hvm/hypervisor.h"

namespace tenon::hvm {

class KvmPlatform final : public HvMachine {
public:
    /// `tables` is the RAM that holds the page tables. Interrupts are enabled afterwards.
    KvmPlatform(const abi::StartInfo& start, const HvOffer& offer, const abi::MemoryRange& tables);

    [[nodiscard]] const char* name() const override { return "hvm on hv"; }
    void wait_for_event(Nanoseconds deadline) override;
    void set_timer(Nanoseconds deadline) override;
    void set_guard_page(void* page, bool guard) override;
    bool drop_pages(void*, std::size_t) override { return false; }
    void page_out(void*, std::size_t) override {}
    void probe_devices() override;
};

}  // namespace tenon::hvm
