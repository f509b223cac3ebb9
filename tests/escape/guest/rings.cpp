// SPDX-License-Identifier: Apache-2.0
// Wrong rings for every device of the machine: random ones, and nearly right ones, which pass a first check.
#include "tests/escape/guest/driver.h"

namespace escape {

namespace {

using tenon::abi::Call;

constexpr std::uint64_t version_1 = 1ULL << 32;  // VIRTIO_F_VERSION_1
constexpr std::uint32_t needs_reset = 0x40;      // virtio 1.2, section 2.1
constexpr std::uint64_t buffers_size = 1ULL << 20;

std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_word() >> 32) % limit; }
bool rarely() { return below(200) == 0; }
std::uint16_t any_16() { return static_cast<std::uint16_t>(random_word()); }

/// Rings at any address, of any content.
void random_rings() {
    using tenon::abi::QueueSetup;
    const auto& page = zone_at<tenon::abi::DevicePage>(tenon::abi::io_zone::devices);
    const auto& zone = start_info().io_zone;
    for (int round = 0; round < 3'000; ++round) {
        const std::uint64_t device = random_word() % (start_info().device_count + 1);
        const auto& record = page.devices[device];
        slot().number = tenon::abi::Call::device_reset;
        slot().arguments[0] = device;
        hypercall();
        auto* queues = reinterpret_cast<QueueSetup*>(slot().data);
        for (std::uint32_t i = 0; i < record.queue_count; ++i) {
            const auto place = [&]() -> std::uint64_t {
                if (random_word() % 16 == 0) return random_word();
                return zone.base + (random_word() % zone.size & ~0xFULL);
            };
            queues[i] = {1U << random_word() % 9, 0, place(), place(), place()};
        }
        auto* buffers =
            reinterpret_cast<volatile std::uint64_t*>(zone_at<std::uint64_t[1]>(tenon::abi::io_zone::buffers));
        for (std::uint64_t i = 0; i < 512; ++i)
            buffers[random_word() % ((zone.size - tenon::abi::io_zone::buffers) / 8)] = random_word();
        slot().number = tenon::abi::Call::device_setup;
        slot().arguments[0] = device;
        slot().arguments[1] = record.features & (random_word() | 1ULL << 32);
        slot().arguments[2] = record.queue_count;
        hypercall();
        for (std::uint32_t i = 0; i < record.queue_count; ++i) ring(record.doorbell[i]);
    }
}

std::uint64_t buffer() {
    switch (below(400)) {
        case 0: return random_word();
        case 1: return start_info().io_zone.base + start_info().io_zone.size - below(64);
        case 2: return start_info().image.base;
        default: return zone_address(free_offset + below(buffers_size / 512) * 512);
    }
}

/// Of buffer `i` of `count`: half of the chains begin with a disk's header, or end with its status.
std::uint32_t length(std::uint32_t i, std::uint32_t count) {
    constexpr std::uint32_t usual[] = {1, 4, 8, 12, 16, 24, 512, 512, 526, 2048, 4096, 4096, 0x10000};
    if (rarely()) return static_cast<std::uint32_t>(random_word());
    if (i == 0 && below(2) == 0) return 16;
    if (i + 1 == count && below(2) == 0) return 1;
    return usual[below(sizeof usual / sizeof usual[0])];
}

/// One chain of up to four buffers, as a request, a message or a packet has them.
void offer_chain(std::uint32_t device, std::uint32_t queue) {
    Rings& own = rings(queue);
    const std::uint32_t size = size_of_queue(device, queue);
    const bool full = static_cast<std::uint16_t>(own.available_index - own.used_index) >= size;
    if (full && !rarely()) return;
    const std::uint32_t head = below(size), count = 1 + below(4), readable = below(count + 1);
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint64_t address = buffer();
        const std::uint64_t offset = address - start_info().io_zone.base;
        // Small numbers are what requests and messages begin with: mostly a read or a write, and a sector. The second
        // buffer of a discard has a sector, a count and flags.
        const std::uint32_t words[] = {below(4) == 0 ? below(14) : below(2), below(3), below(2100), below(2)};
        const std::uint32_t range[] = {below(2100), rarely() ? static_cast<std::uint32_t>(random_word()) : 0U,
                                       rarely() ? static_cast<std::uint32_t>(random_word()) : below(2100),
                                       rarely() ? static_cast<std::uint32_t>(random_word()) : below(3)};
        if (i == 1 && below(4) == 0 && offset >= free_offset && offset < free_offset + buffers_size)
            __builtin_memcpy(&zone_at<std::uint32_t>(offset), range, sizeof range);
        if (i == 0 && offset >= free_offset && offset < free_offset + buffers_size)
            __builtin_memcpy(&zone_at<std::uint32_t>(offset), words, sizeof words);
        std::uint32_t flags = i + 1 < count ? next_flag : 0U;
        if (i >= readable || rarely()) flags |= write_flag;
        own.descriptors[(head + i) % size] = {address, length(i, count), static_cast<std::uint16_t>(flags),
                                              rarely() ? any_16() : static_cast<std::uint16_t>((head + i + 1) % size)};
    }
    own.available[own.available_index % size] = rarely() ? any_16() : static_cast<std::uint16_t>(head);
    own.available_index = rarely() ? any_16() : static_cast<std::uint16_t>(own.available_index + 1);
    ring(record(device).doorbell[queue]);
}

void nearly_right_rings() {
    for (int round = 0; round < 1'000; ++round) {
        const std::uint32_t device = below(start_info().device_count);
        if (!set_up(device, (record(device).features & random_word()) | version_1)) continue;
        // After an error the device does nothing until its reset.
        for (int chain = 0; chain < 100 && record(device).status.load() != needs_reset; ++chain) {
            offer_chain(device, below(record(device).queue_count));
            // hv answers, and has seen the doorbells before.
            slot().number = Call::ready;
            hypercall();
        }
        reset(device);
    }
}

}  // namespace

const Case ring_cases[] = {
    {"random_rings", Expect::harmless, random_rings},
    {"nearly_right_rings", Expect::harmless, nearly_right_rings},
    {nullptr, Expect::harmless, nullptr},
};

}  // namespace escape
