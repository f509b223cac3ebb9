# SPDX-License-Identifier: Apache-2.0
# The parts of pvbench that measure nothing.
unit_sources += $(addprefix images/pvbench/,interface_option.cpp json_writer.cpp options.cpp statistics.cpp table.cpp \
	virtio_features.cpp)
