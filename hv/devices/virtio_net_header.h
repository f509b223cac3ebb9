// SPDX-License-Identifier: Apache-2.0
// <linux/virtio_net.h> for C++: one of its structures has a member called `class`.
#pragma once

#include <linux/if_ether.h>
#include <linux/types.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_types.h>

#define class class_
#include <linux/virtio_net.h>
#undef class
