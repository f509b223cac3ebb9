// SPDX-License-Identifier: Apache-2.0
// A balloon driver that lies: about its pages, their number, and its memory.
#include "tests/escape/guest/driver.h"

namespace escape {

namespace {

using tenon::abi::Call;

constexpr std::uint32_t balloon_device = 5;  // virtio 1.2, section 5
constexpr std::uint64_t accepted = 1ULL << 32 | 0x3F;
constexpr std::uint64_t text_offset = free_offset;
constexpr std::uint32_t text_size = 1 << 20;

/// The device's number; escaped() if there is none.
std::uint32_t find_balloon() {
    const auto& page = zone_at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices);
    for (std::uint32_t i = 0; i < start_info().device_count; ++i)
        if (page.devices[i].device_id == balloon_device) return i;
    escaped("a machine without a balloon");
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
        require(set_up(device, accepted), "the balloon's set-up is refused");
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
    require(set_up(device, accepted), "the balloon's set-up is refused");
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
