# SPDX-License-Identifier: Apache-2.0
# The kvm accelerator.

hv_sources += $(wildcard hv/accel/kvm/*.cpp)
