// SPDX-License-Identifier: Apache-2.0
// lwIP's pools (lwip/memp.h; this file takes the place of lwIP's own memp.c). Control blocks, timers and records are in
// the kernel's heap: only packets, which devices read, need the DMA zone. Ten thousand connections thus take none of
// it.
#include <cstddef>

#include "kernel/mm/heap.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/memp.h"
#include "lwip/mld6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/priv/tcpip_priv.h"
#include "lwip/raw.h"
#include "lwip/udp.h"

namespace {

constexpr std::size_t element_sizes[] = {
#define LWIP_MEMPOOL(name, number, size, description) size,
#include "lwip/priv/memp_std.h"
};
static_assert(sizeof(element_sizes) / sizeof(element_sizes[0]) == MEMP_MAX);

}  // namespace

extern "C" {

void memp_init(void) {}

void* memp_malloc(memp_t type) {
    const std::size_t size = element_sizes[type];
    return type == MEMP_PBUF_POOL ? tenon::dma_allocate(size) : tenon::heap_allocate(size);
}

void memp_free(memp_t type, void* element) {
    if (type == MEMP_PBUF_POOL)
        tenon::dma_free(element);
    else
        tenon::heap_free(element);
}

}  // extern "C"
