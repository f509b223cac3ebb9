# SPDX-License-Identifier: Apache-2.0
# What of ACPI is tested on the build machine.
unit_sources += kernel/acpi/tables.cpp
