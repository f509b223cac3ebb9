# SPDX-License-Identifier: Apache-2.0
# The parts of the UEFI loader that need no firmware.
unit_sources += $(addprefix images/loader/,carried.cpp command_line.cpp image.cpp memory_map.cpp)
