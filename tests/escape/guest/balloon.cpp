// SPDX-License-Identifier: Apache-2.0
// A balloon driver that lies: about its pages, their number, and its memory.
#include "tests/escape/guest/guest.h"

namespace escape {

namespace {

using tenon::abi::Call;
using tenon::abi::DeviceRecord;
using tenon::abi::QueueSetup;

constexpr std::uint32_t balloon_device = 5;  // virtio 1.2, section 5
constexpr std::uint64_t accepted = 1ULL << 32 | 0x3F;
constexpr std::uint16_t next_flag = 1, write_flag = 2;
constexpr std::uint32_t ring_size = 64;

struct Descriptor {
    std::uint64_t address;
    std::uint32_t length;
    std::uint16_t flags, next;
};
/// A queue's rings in 4 KiB of the I/O zone.
struct Rings {
    Descriptor descriptors[ring_size];
    volatile std::uint16_t available_flags, available_index, available[ring_size];
    alignas(2048) volatile std::uint8_t used[2048];
};
static_assert(sizeof(Rings) == 4096);

constexpr std::uint64_t rings_offset = tenon::abi::io_zone::buffers;
constexpr std::uint64_t text_offset = rings_offset + tenon::abi::max_queues * sizeof(Rings);
constexpr std::uint32_t text_size = 1 << 20;

std::uint64_t zone_address(std::uint64_t offset) { return start_info().io_zone.base + offset; }
Rings& rings(std::uint32_t queue) { return zone_at<Rings>(rings_offset + queue * sizeof(Rings)); }

/// The device's number; escaped() if there is none.
std::uint32_t find_balloon() {
    const auto& page = zone_at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices);
    for (std::uint32_t i = 0; i < start_info().device_count; ++i)
        if (page.devices[i].device_id == balloon_device) return i;
    escaped("a machine without a balloon");
}

const DeviceRecord& record(std::uint32_t device) {
    return zone_at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices).devices[device];
}

void set_up(std::uint32_t device) {
    auto* queues = reinterpret_cast<QueueSetup*>(slot().data);
    for (std::uint32_t i = 0; i < record(device).queue_count; ++i) {
        const std::uint64_t base = zone_address(rings_offset + i * sizeof(Rings));
        rings(i).available_index = 0;
        queues[i] = {ring_size, 0, base, base + offsetof(Rings, available_flags), base + offsetof(Rings, used)};
    }
    slot().number = Call::device_setup;
    slot().arguments[0] = device;
    slot().arguments[1] = accepted;
    slot().arguments[2] = record(device).queue_count;
    require(hypercall() == 0, "the balloon's set-up is refused");
}

void reset(std::uint32_t device) {
    slot().number = Call::device_reset;
    slot().arguments[0] = device;
    require(hypercall() == 0, "a reset is refused");
}

void offer(std::uint32_t device, std::uint32_t queue, std::uint16_t chains) {
    Rings& own = rings(queue);
    for (std::uint16_t i = 0; i < chains; ++i) {
        own.available[own.available_index % ring_size] = i;
        own.available_index = static_cast<std::uint16_t>(own.available_index + 1);
    }
    ring(record(device).doorbell[queue]);
}

/// One chain of 64 MiB of frame numbers, over the same bytes again and again.
void flood(std::uint32_t device, std::uint32_t queue) {
    for (std::uint16_t i = 0; i < ring_size; ++i)
        rings(queue).descriptors[i] = {zone_address(text_offset), text_size,
                                       i + 1U < ring_size ? next_flag : std::uint16_t{0},
                                       static_cast<std::uint16_t>(i + 1)};
    offer(device, queue, 1);
}

/// Ranges that a guest may not give: its image, the I/O zone, empty ones.
void give_what_is_not_its_own(std::uint32_t device, std::uint32_t queue) {
    const std::uint64_t places[] = {start_info().image.base, start_info().io_zone.base, 0, ~0ULL - 4095, 0xC000'0000};
    std::uint16_t count = 0;
    for (const std::uint64_t place : places) rings(queue).descriptors[count++] = {place, 0x20'0000, write_flag, 0};
    offer(device, queue, count);
}

void lying_balloon() {
    const std::uint32_t device = find_balloon();
    auto* text = &zone_at<std::uint32_t>(text_offset);
    for (std::uint32_t i = 0; i < text_size / sizeof *text; ++i) text[i] = i * 2'654'435'761U;
    for (int round = 0; round < 50; ++round) {
        set_up(device);
        for (std::uint32_t queue = 0; queue < record(device).queue_count; ++queue) {
            if (queue + 1 < record(device).queue_count)
                flood(device, queue);
            else
                give_what_is_not_its_own(device, queue);
        }
        // hv answers meanwhile.
        reset(device);
    }
    require(escape_data_page[0] == 1, "the image lost a page");
}

void configure_beyond() {
    const std::uint32_t device = find_balloon();
    const struct {
        std::uint64_t offset, size;
    } wrong[] = {{0, 4},     {8, 4},         {16, 4}, {12, 8},    {4, 128},
                 {~0ULL, 4}, {~0ULL - 3, 4}, {4, 0},  {4, ~0ULL}, {1 << 20, 1}};
    for (const auto& [offset, size] : wrong) {
        slot().number = Call::device_configure;
        slot().arguments[0] = device;
        slot().arguments[1] = offset;
        slot().arguments[2] = size;
        require(hypercall() < 0, "a configuration write that must be refused");
    }
}

void flood_balloon_for_ever() {
    const std::uint32_t device = find_balloon();
    set_up(device);
    print("flooding\n");
    for (;;) {
        flood(device, 0);
        flood(device, 1);
    }
}

}  // namespace

const Case balloon_cases[] = {
    {"lying_balloon", Expect::harmless, lying_balloon},
    {"configure_beyond", Expect::harmless, configure_beyond},
    {"flood_balloon_for_ever", Expect::endless, flood_balloon_for_ever},
    {nullptr, Expect::harmless, nullptr},
};

}  // namespace escape
