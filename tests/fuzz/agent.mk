# SPDX-License-Identifier: Apache-2.0
fuzz_agent := $(filter-out tools-agent/agent.cpp tools-agent/kernel_guest.cpp,$(wildcard tools-agent/*.cpp tools-agent/commands/*.cpp))
fuzz_libraries_agent :=
# std::expected needs destructors with constraints, which clang has from version 16.
$(BUILD)/tests/fuzz/agent: fuzz_cxx := clang++-16 -std=c++2b -D__cpp_concepts=202002L -Wno-macro-redefined
