// SPDX-License-Identifier: Apache-2.0
// The guest's address space on `pv`.
#include "hv/accel/pv/guest_map.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>

#include "hypercall/events.h"

namespace hv::pv {

namespace {

using tenon::abi::guest_base;
using tenon::abi::page_size;
using tenon::abi::round_up_to_page;
using tenon::abi::stack_arena_stride;
namespace zone = tenon::abi::io_zone;

class MapBuilder {
public:
    explicit MapBuilder(StubSetup& setup) : setup_(setup) {}

    void map(std::uint64_t physical, std::uint64_t size, StubSource source, std::uint64_t offset, int protection) {
        if (setup_.mapping_count == max_mappings) full_ = true;
        if (full_ || size == 0) return;
        setup_.mappings[setup_.mapping_count++] = {guest_base + physical, size, offset, source,
                                                   static_cast<std::uint32_t>(protection)};
    }
    void zero(std::uint64_t physical, std::uint64_t size) {
        if (setup_.zero_count == max_zeros) full_ = true;
        if (full_ || size == 0) return;
        setup_.zeros[setup_.zero_count++] = {guest_base + physical, size};
    }
    void segment(const ImageSegment& segment) {
        const int access = segment.executable ? PROT_EXEC : segment.writable ? PROT_WRITE : 0;
        const std::uint64_t from_file = round_up_to_page(segment.file_size);
        map(segment.physical, from_file, StubSource::image, segment.file_offset, PROT_READ | access);
        // RAM behind the file's pages is zero already; only the file's last page may contain bytes behind the segment.
        if (segment.memory_size > segment.file_size)
            zero(segment.physical + segment.file_size, std::min(from_file, segment.memory_size) - segment.file_size);
    }
    [[nodiscard]] bool full() const { return full_; }

private:
    StubSetup& setup_;
    bool full_ = false;
};

}  // namespace

Result<StubSetup> map_guest(const ImageLayout& image, const std::string& image_name, const MemoryLayout& memory,
                            std::uint32_t vcpu_count, std::uint32_t doorbell_count) {
    const auto refuse = [&image_name](const std::string& why) {
        return fail(ErrorKind::bad_image, "image '" + image_name + "': " + why);
    };
    if (image.note.stack_arena_size / stack_arena_stride < vcpu_count)
        return refuse("its stack arena is too small for " + std::to_string(vcpu_count) + " vCPUs");
    if (doorbell_count > max_doorbells) return refuse("too many doorbells");

    StubSetup setup{};
    setup.entry = image.note.pv_entry;
    setup.trap_entry = image.note.pv_trap_entry;
    setup.start_info = guest_base + memory.io_zone.base + zone::start_info;
    setup.stacks = guest_base + image.note.stack_arena;
    setup.stack_stride = stack_arena_stride;
    setup.stack_guard = page_size;
    setup.guest_begin = guest_base + memory.ranges[0].base;
    setup.guest_end = guest_base + memory.end();
    setup.go_word = guest_base + memory.io_zone.base + zone::events + offsetof(tenon::abi::VcpuEvents, state);
    setup.go_stride = sizeof(tenon::abi::VcpuEvents);
    setup.futex_begin = guest_base + memory.io_zone.base + zone::events;
    setup.futex_end = guest_base + memory.io_zone.base + zone::buffers;
    setup.vcpu_count = vcpu_count;
    setup.doorbell_count = doorbell_count;

    MapBuilder builder(setup);
    for (std::uint32_t i = 0; i < memory.range_count; ++i)
        builder.map(memory.ranges[i].base, memory.ranges[i].size, StubSource::anonymous, 0, PROT_READ | PROT_WRITE);
    for (const ImageSegment& segment : image.segments) builder.segment(segment);
    builder.map(memory.io_zone.base, zone::read_only_size, StubSource::zone_read_only, 0, PROT_READ);
    builder.map(memory.io_zone.base + zone::read_only_size, memory.io_zone.size - zone::read_only_size,
                StubSource::zone_writable, zone::read_only_size, PROT_READ | PROT_WRITE);
    for (std::uint32_t vcpu = 0; vcpu < vcpu_count; ++vcpu)
        builder.map(image.note.stack_arena + vcpu * stack_arena_stride, page_size, StubSource::anonymous, 0, PROT_NONE);
    if (builder.full()) return refuse("it has more segments than pv can map");
    return setup;
}

}  // namespace hv::pv
