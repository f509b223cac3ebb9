# SPDX-License-Identifier: Apache-2.0
fuzz_agent := $(filter-out tools-agent/agent.cpp tools-agent/kernel_guest.cpp,$(wildcard tools-agent/*.cpp \
	tools-agent/commands/*.cpp))
