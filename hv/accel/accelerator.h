// SPDX-License-Identifier: Apache-2.0
// A virtual machine: memory, vCPUs, and the process in which they run.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "hv/core/error.h"
#include "hv/core/guest_pages.h"
#include "hypercall/start_info.h"

namespace hv {

class FileOpener;
class TenonGuest;

/// All calls on the event loop's thread. Destroying it ends the guest and frees what it had.
class Accelerator {
public:
    virtual ~Accelerator() = default;
    [[nodiscard]] virtual const char* name() const = 0;
    /// The guest in the machine; as long as the accelerator.
    [[nodiscard]] virtual TenonGuest& guest() = 0;

    /// Finds out in which threads guest code will run, with an `opener` that may read /proc. Once, before start().
    /// Errors: those of a start that failed; host_lacks (no /proc).
    virtual Result<> find_threads(FileOpener& /*opener*/) { return {}; }
    /// Lets the guest run. hv has confined itself before it calls this.
    virtual Result<> start() = 0;
    /// Stops all guest code, and the guest's clock. Errors: internal (the guest does not stop, and keeps running).
    virtual Result<> pause() = 0;
    /// Continues after pause(), the guest's clock first: the guest finds the right wall-clock time and a new clock
    /// generation, and its monotonic time continues from where it stopped.
    virtual void resume() = 0;
    /// Ends the guest at once; `ended` is called with Kind::killed.
    virtual void kill() = 0;
    /// Stops a guest that hangs on `vcpu`; `ended` is called with Kind::crashed, `reason`, and the registers, if they
    /// can be had. The guest then stands still for as long as this object lives, as one that has reported its crash
    /// does.
    virtual void end_hung(std::uint32_t vcpu, std::string reason) = 0;

    /// RAM by guest-physical address, ascending.
    [[nodiscard]] virtual std::span<const tenon::abi::MemoryRange> ram() const = 0;
    /// Copies RAM of a guest that stands still; the bytes are the guest's, and may be anything. Returns how many bytes
    /// from the start were copied: fewer than asked for where there is no RAM, where the guest has made it
    /// inaccessible, or where the guest's process is gone.
    [[nodiscard]] virtual std::size_t read_ram(std::uint64_t address, std::span<std::byte> bytes) const = 0;
    /// The RAM that the guest may give back; as long as the accelerator.
    [[nodiscard]] virtual const GuestPages& pages() const = 0;
    /// Has about `bytes` of RAM written to the host's swap: by hv itself on `kvm`, by the guest on `pv`. Returns before
    /// it is done.
    virtual void page_out(std::uint64_t bytes) = 0;

    /// The process in which guest code runs: hv itself on `kvm`. For hv's confinement.
    [[nodiscard]] virtual pid_t guest_process() const { return getpid(); }
    /// The threads of that process in which guest code runs; index: vCPU. They last as long as the process. After
    /// find_threads().
    [[nodiscard]] virtual std::span<const pid_t> guest_threads() const = 0;
    /// CPU time that guest code used, in ns.
    [[nodiscard]] virtual std::uint64_t guest_cpu_ns() const = 0;
};

}  // namespace hv
