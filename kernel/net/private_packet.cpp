// SPDX-License-Identifier: Apache-2.0
// Packets in the kernel's heap, and moving there what the program does not read.
#include "kernel/net/private_packet.h"

#include <cstring>
#include <new>

#include "kernel/mm/heap.h"
#include "kernel/time/clock.h"

namespace tenon::net {
namespace {

/// Stands in front of the packet's bytes.
struct PrivatePacket {
    pbuf_custom custom;
    static void release(pbuf* packet) { heap_free(packet); }
};

constexpr Nanoseconds pause_between_moves = 10'000'000;
using ScarcityListener = void (*)();
constinit ScarcityListener scarcity_listener = nullptr;
constinit Nanoseconds next_move = 0;

}  // namespace

pbuf* make_private_packet(std::size_t size) {
    void* memory = heap_allocate(sizeof(PrivatePacket) + size);
    if (memory == nullptr) return nullptr;
    auto* made = new (memory) PrivatePacket{};
    made->custom.custom_free_function = &PrivatePacket::release;
    const auto length = static_cast<u16_t>(size);
    return pbuf_alloced_custom(PBUF_RAW, length, PBUF_REF, &made->custom, made + 1, length);
}

pbuf* make_private(pbuf* buffer) {
    if (buffer->ref != 1 || !in_dma_zone(buffer->payload, buffer->len)) return buffer;
    pbuf* copy = make_private_packet(buffer->len);
    if (copy == nullptr) return buffer;
    std::memcpy(copy->payload, buffer->payload, buffer->len);
    copy->tot_len = buffer->tot_len;
    copy->next = buffer->next;
    buffer->next = nullptr;
    buffer->tot_len = buffer->len;
    pbuf_free(buffer);
    return copy;
}

void set_scarcity_listener(void (*listener)()) { scarcity_listener = listener; }

void note_scarcity() {
    if (scarcity_listener == nullptr) return;
    const Nanoseconds now = monotonic_now();
    if (now < next_move) return;
    next_move = now + pause_between_moves;
    scarcity_listener();
}

}  // namespace tenon::net
