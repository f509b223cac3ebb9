# SPDX-License-Identifier: Apache-2.0
# The sources of hardware-assisted machines' guest side that are tested.
unit_sources += kernel/arch/x86_64/page_tables.cpp kernel/platform/hvm/boot_information.cpp \
	kernel/platform/hvm/device_options.cpp kernel/platform/hvm/crash_text.cpp kernel/platform/hvm/kvm_clock.cpp
