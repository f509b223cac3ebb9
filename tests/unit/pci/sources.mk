# SPDX-License-Identifier: Apache-2.0
# PCI's sources that are tested on the build machine.
unit_sources += kernel/pci/bar.cpp kernel/pci/free_address.cpp kernel/pci/msix.cpp \
	pv-drivers/virtio/transport/pci_structures.cpp pv-drivers/virtio/device.cpp pv-drivers/virtio/virtqueue.cpp
