# SPDX-License-Identifier: Apache-2.0
# What the tests of the kvm accelerator test.
unit_sources += hv/accel/kvm/cpuid.cpp hv/accel/kvm/loop_calls.cpp hv/accel/kvm/uart.cpp
