# SPDX-License-Identifier: Apache-2.0
# The sources of the kvm accelerator that are tested.
unit_sources += hv/accel/kvm/cpuid.cpp hv/accel/kvm/loop_calls.cpp hv/accel/kvm/speed.cpp hv/accel/kvm/uart.cpp
