// SPDX-License-Identifier: Apache-2.0
// Layouts and constants of virtio, from the Linux kernel's uapi headers (set-up copies them into the sysroot).
#pragma once

// Modern devices only: without the names and structures of the legacy interface (virtio 1.2, section 7.4).
#define VIRTIO_CONFIG_NO_LEGACY
#define VIRTIO_RING_NO_LEGACY
#define VIRTIO_NET_NO_LEGACY
#define VIRTIO_PCI_NO_LEGACY
#define VIRTIO_BLK_NO_LEGACY

#include <linux/virtio_balloon.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_pci.h>
#include <linux/virtio_ring.h>
#include <linux/virtio_types.h>

// A structure of the control queue has a member of this name, which C++ reserves.
#define class class_
#include <linux/virtio_net.h>
#undef class

#include <cstdint>

namespace tenon::virtio {

constexpr std::uint64_t feature_bit(unsigned number) { return std::uint64_t{1} << number; }

}  // namespace tenon::virtio
