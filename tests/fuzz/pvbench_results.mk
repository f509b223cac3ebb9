# SPDX-License-Identifier: Apache-2.0
fuzz_pvbench_results := $(filter-out %/commands.cpp,$(wildcard images/pvbench/report/*.cpp)) \
	$(addprefix hv/core/,format.cpp json_section.cpp json_text.cpp printable.cpp text_file.cpp)
