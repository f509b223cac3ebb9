# SPDX-License-Identifier: Apache-2.0
fuzz_virtio_net := pv-drivers/net/net.cpp pv-drivers/virtio/virtqueue.cpp pv-drivers/virtio/device.cpp tests/unit/pv-drivers/host_kernel.cpp
# std::expected needs destructors with constraints, which clang has from version 16.
$(BUILD)/tests/fuzz/virtio_net: fuzz_cxx := clang++-16 -std=c++2b -D__cpp_concepts=202002L -Wno-macro-redefined
fuzz_libraries_virtio_net :=
