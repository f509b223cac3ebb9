# SPDX-License-Identifier: Apache-2.0
fuzz_virtio_net := pv-drivers/net/net.cpp pv-drivers/virtio/virtqueue.cpp pv-drivers/virtio/device.cpp \
	kernel/device/device_features.cpp tests/unit/pv-drivers/host_kernel.cpp
