# SPDX-License-Identifier: Apache-2.0
# ACPI's sources that are tested on the build machine.
unit_sources += kernel/acpi/processors.cpp kernel/acpi/tables.cpp kernel/acpi/virtio_mmio.cpp
