// SPDX-License-Identifier: Apache-2.0
// The kernel functions that drivers call, on the build machine: memory from its heap, so that the address sanitizer
// checks it, and a processor's record behind the GS base, where spin locks mask interrupts.
#include "host_kernel.h"

#include <asm/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/device/net_device.h"
#include "kernel/entropy/random.h"
#include "kernel/mm/heap.h"
#include "kernel/trap/spin_lock.h"
#include "registered_devices.h"

/// Drivers are linked here without the code that finds their devices.
extern "C" const char tenon_driver_is_linked = 1;

namespace tenon {

namespace {

abi::VcpuEvents events{};
Cpu cpu{.events = &events, .index = 0, .reschedule = false};
[[maybe_unused]] const long gs_is_set = [] {
    set_segment_base = [](SegmentBase, std::uint64_t base) { syscall(SYS_arch_prctl, ARCH_SET_GS, base); };
    cpu.attach();
    return 0L;
}();

void* allocate(std::size_t size, std::size_t alignment) {
    void* memory = nullptr;
    return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

std::vector<NetDevice*> registered;
EntropySource* entropy_source_of_test = nullptr;

}  // namespace

/// Never read: Clang takes the address of the operand that stands for all memory behind GS.
abi::VcpuEvents memory_behind_gs{};

void* heap_allocate(std::size_t size, std::size_t alignment) { return allocate(size, alignment); }
void heap_free(void* pointer) { std::free(pointer); }
void* dma_allocate(std::size_t size, std::size_t alignment) {
    return size > test::largest_dma_block() ? nullptr : allocate(size, alignment);
}
void dma_free(void* pointer) { std::free(pointer); }
bool in_dma_zone(const void* pointer, std::size_t) {
    const auto* const byte = static_cast<const std::byte*>(pointer);
    const std::span<std::byte> outside = test::outside_of_dma_zone();
    return byte != nullptr && (byte < outside.data() || byte >= outside.data() + outside.size());
}
std::size_t dma_zone_size() { return 4 << 20; }
void random_bytes(std::span<std::byte> buffer) { std::memset(buffer.data(), 0x5A, buffer.size()); }
void interrupts::deliver_pending() {}
void SpinLock::wait() { std::abort(); }
void register_net_device(NetDevice& device) { registered.push_back(&device); }
void register_entropy_source(EntropySource& source) { entropy_source_of_test = &source; }

namespace test {
std::span<std::byte>& outside_of_dma_zone() {
    static std::span<std::byte> memory;
    return memory;
}
std::size_t& largest_dma_block() {
    static std::size_t size = SIZE_MAX;
    return size;
}
NetDevice* take_registered_net_device() {
    if (registered.empty()) return nullptr;
    NetDevice* device = registered.back();
    registered.pop_back();
    return device;
}
EntropySource* take_registered_entropy_source() { return std::exchange(entropy_source_of_test, nullptr); }
}  // namespace test

}  // namespace tenon
