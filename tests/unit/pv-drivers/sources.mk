# SPDX-License-Identifier: Apache-2.0
# Sources of the drivers and of the network's port that are tested on the build machine.
unit_sources += pv-drivers/virtio/virtqueue.cpp pv-drivers/virtio/device.cpp pv-drivers/net/net.cpp
unit_sources += pv-drivers/blk/blk.cpp pv-drivers/blk/requests.cpp pv-drivers/blk/probe.cpp pv-drivers/rng/rng.cpp \
	kernel/device/device_features.cpp \
	$(addprefix kernel/device/,block_batch.cpp block_device.cpp block_io.cpp block_transfer.cpp copy_memory.cpp)
unit_sources += kernel/net/address_option.cpp kernel/net/partial_checksum.cpp
unit_sources += pv-drivers/virtio/transport/mmio.cpp pv-drivers/virtio/transport/hypercall.cpp
unit_sources += $(addprefix pv-drivers/console/,console.cpp control_queues.cpp named_port.cpp port_queues.cpp ports.cpp)
